"""Non-linear least squares (Levenberg and Marquardt) without libraries."""


def solve_linear(matrix, right):
    """Solve a small linear system by elimination with pivots."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda n: abs(rows[n][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for n in range(column + 1, size):
            factor = rows[n][column] / rows[column][column]
            for place in range(column, size + 1):
                rows[n][place] -= factor * rows[column][place]
    found = [0.0] * size
    for n in reversed(range(size)):
        rest = sum(rows[n][place] * found[place] for place in range(n + 1, size))
        found[n] = (rows[n][size] - rest) / rows[n][n]
    return found


def fit(residuals, start, rounds=40):
    """Return the parameters that make the sum of the squared residuals small."""
    best, damping = list(start), 1e-2
    errors = residuals(best)
    total = sum(e * e for e in errors)
    for _ in range(rounds):
        columns = []
        for n, value in enumerate(best):
            step = 1e-5 * max(1.0, abs(value))
            moved = residuals([*best[:n], value + step, *best[n + 1 :]])
            columns.append([(m - e) / step for m, e in zip(moved, errors, strict=True)])
        normal = [[sum(x * y for x, y in zip(a, b, strict=True)) for b in columns] for a in columns]
        slope = [-sum(x * e for x, e in zip(a, errors, strict=True)) for a in columns]
        for _ in range(12):
            damped = [[v * (1 + damping) if i == j else v for j, v in enumerate(r)] for i, r in enumerate(normal)]
            trial = [v + s for v, s in zip(best, solve_linear(damped, slope), strict=True)]
            try:
                moved = residuals(trial)
                moved_total = sum(e * e for e in moved)
            except (OverflowError, ValueError, ZeroDivisionError):
                moved_total = float("inf")
            if moved_total < total:
                break
            damping *= 5
        else:
            return best
        gain = total - moved_total
        best, errors, total, damping = trial, moved, moved_total, max(damping / 5, 1e-9)
        if gain < 1e-9 * total:
            return best
    return best
