"""What is Docker's alone: how containers end, images, the reaper."""
