"""Reading runs and labelling them, in a program for the terminal."""
