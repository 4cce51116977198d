"""Least squares without any library: linear ones, and Levenberg's and Marquardt's method for the others."""


def solve_linear(matrix, right):
    """Return the solution of a system of linear equations (Gauss, with pivots)."""
    n = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        top = rows[i][i] or 1e-30
        for k in range(i + 1, n):
            factor = rows[k][i] / top
            if factor:
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    found = [0.0] * n
    for i in reversed(range(n)):
        known = sum(rows[i][k] * found[k] for k in range(i + 1, n))
        found[i] = (rows[i][n] - known) / (rows[i][i] or 1e-30)
    return found


def linear(columns, values):
    """Return the coefficients of the columns that give the values best, and the sum of squares that is left."""
    matrix = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in columns] for p in columns]
    found = solve_linear(matrix, [sum(a * b for a, b in zip(p, values, strict=True)) for p in columns])
    rest = [v - sum(f * c[i] for f, c in zip(found, columns, strict=True)) for i, v in enumerate(values)]
    return found, sum(r * r for r in rest)


def squares(residuals, start, rounds=40):
    """Return the parameters that make the sum of squared residuals smallest, and that sum."""
    point, damping = list(start), 1e-2
    rest = residuals(point)
    total = sum(r * r for r in rest)
    for _ in range(rounds):
        columns = []
        for i, value in enumerate(point):
            width = 1e-5 * max(abs(value), 1e-2)
            moved = residuals([*point[:i], value + width, *point[i + 1 :]])
            columns.append([(m - r) / width for m, r in zip(moved, rest, strict=True)])
        normal = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in columns] for p in columns]
        slope = [-sum(a * r for a, r in zip(p, rest, strict=True)) for p in columns]
        before = total
        while damping < 1e8:
            damped = [[v * (1 + damping * (i == k)) for k, v in enumerate(row)] for i, row in enumerate(normal)]
            step = solve_linear(damped, slope)
            tried = [p + s for p, s in zip(point, step, strict=True)]
            try:
                new = residuals(tried)
                new_total = sum(r * r for r in new)
            except (OverflowError, ValueError, ZeroDivisionError, TypeError):
                new_total = float("inf")
            if new_total < total:
                point, rest, total, damping = tried, new, new_total, damping / 5
                break
            damping *= 4
        if damping >= 1e8 or before - total < 1e-7 * before:
            break
    return point, total


def best(residuals, starts, rounds=40):
    """Return the best of the solutions from several starts."""
    return min((squares(residuals, start, rounds) for start in starts), key=lambda found: found[1])
