"""The little linear algebra that the generators need, in plain Python."""

import math


def dot(a, b):
    """Return the inner product of two vectors."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def apply(matrix, vector):
    """Return the matrix (a list of rows) times the vector."""
    return [dot(row, vector) for row in matrix]


def product(a, b):
    """Return the product of two matrices."""
    columns = list(zip(*b, strict=True))
    return [[dot(row, column) for column in columns] for row in a]


def transposed(matrix):
    """Return the rows of a matrix as columns."""
    return [list(column) for column in zip(*matrix, strict=True)]


def added(*vectors):
    """Return the sum of vectors of one length."""
    return [sum(parts) for parts in zip(*vectors, strict=True)]


def scaled(factor, vector):
    """Return a multiple of a vector."""
    return [factor * x for x in vector]


def gaussian(rng, rows, columns, sigma=1.0):
    """Return a matrix of independent normal numbers."""
    return [[rng.gauss(0, sigma) for _ in range(columns)] for _ in range(rows)]


def orthogonal(rng, size):
    """Return a random orthogonal matrix, by Gram and Schmidt done twice."""
    basis = []
    while len(basis) < size:
        vector = [rng.gauss(0, 1) for _ in range(size)]
        for _ in range(2):
            for other in basis:
                vector = added(vector, scaled(-dot(vector, other), other))
        length = math.sqrt(dot(vector, vector))
        if length > 0.01:
            basis.append(scaled(1 / length, vector))
    return basis


def inverse(matrix):
    """Return the inverse, by elimination with pivots."""
    size = len(matrix)
    rows = [list(row) + [float(i == j) for j in range(size)] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = scaled(1 / rows[column][column], rows[column])
        for other in range(size):
            factor = rows[other][column]
            if other != column and factor:
                rows[other] = [x - factor * y for x, y in zip(rows[other], rows[column], strict=True)]
    return [row[size:] for row in rows]


def noisy(rng, matrix, sigma):
    """Return the matrix with independent normal numbers added."""
    return [[x + rng.gauss(0, sigma) for x in row] for row in matrix]


def rounded(value, digits):
    """Return nested lists of numbers, rounded."""
    if isinstance(value, dict):
        return {key: rounded(part, digits) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part, digits) for part in value]
    return round(value, digits) if isinstance(value, float) else value
