"""Second, deliberately naive ways of running one trial: one patient after another, no arrays.

They share nothing with the package but the patients, so that both must agree trial by trial.
"""

from math import comb, log

INF = float("inf")


def tail_above(target, n, tox):
    """P(rate > target) of Beta(1 + tox, 1 + n - tox), as a binomial sum."""
    return sum(comb(n + 1, k) * target**k * (1 - target) ** (n + 1 - k) for k in range(tox + 1))


def boundaries(target):
    a, b = 0.6 * target, 1.4 * target
    up = log((1 - a) / (1 - target)) / log(target * (1 - a) / (a * (1 - target)))
    down = log((1 - target) / (1 - b)) / log(b * (1 - target) / (target * (1 - b)))
    return up, down


def eliminated(n, tox, target):
    """Lowest eliminated dose, or the number of doses."""
    for d in range(len(n)):
        if n[d] >= 3 and tail_above(target, n[d], tox[d]) > 0.95:
            return d
    return len(n)


def move(letter, at, n, tox, target):
    ceiling = eliminated(n, tox, target)
    if ceiling == 0:
        return -1
    going = at + {"E": 1, "S": 0, "D": -1}[letter]
    return min(max(going, 0), len(n) - 1, ceiling - 1)


def select(n, tox, target):
    open_ = [d for d in range(eliminated(n, tox, target)) if n[d]]
    if not open_:
        return -1
    blocks = []
    for d in open_:
        y, m = tox[d] + 0.05, n[d] + 0.1
        weight = m * m * (m + 1) / (y * (m - y))
        blocks.append([y / m, weight, [d]])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (v, w, e), (u, x, c) = blocks.pop(), blocks.pop()
            blocks.append([(v * w + u * x) / (w + x), w + x, c + e])
    rate = {d: v for v, _, ds in blocks for d in ds}
    nearest = min(abs(rate[d] - target) for d in open_)
    tied = [d for d in open_ if abs(abs(rate[d] - target) - nearest) < 1e-9]
    below = [d for d in tied if rate[d] < target]
    return max(below) if below else min(tied)


def boin_trial(patient, doses, target, max_n, cohort=3):
    """`patient(i, dose)` says whether patient i has a DLT there."""
    up, down = boundaries(target)
    n, tox, at, i = [0] * doses, [0] * doses, 0, 0
    while i < max_n and at >= 0:
        for _ in range(cohort):
            n[at] += 1
            tox[at] += patient(i, at)
            i += 1
        rate = tox[at] / n[at]
        letter = "E" if rate <= up else "D" if rate >= down else "S"
        at = move(letter, at, n, tox, target)
    return n, tox, select(n, tox, target)


def tite_boin_letter(n, tox, pending, stft, target):
    up, down = boundaries(target)
    if pending == 0:
        return "E" if tox / n <= up else "D" if tox / n >= down else "S"
    if pending > n / 2 and tox / n < down:
        return "wait"
    p = (tox + target / 2) / (n - pending + 1)
    imputed = (tox + p / (1 - p) * (pending - stft)) / n
    if tox / n < target:
        return "E" if imputed <= up else "S"
    return "D" if tox / n > target and imputed >= down else "S"


def tite_boin_trial(patient, gap, window, doses, target, max_n, cohort=3):
    """`patient(i, dose)` gives the time of the DLT or None; `gap(i)` the time before patient i."""
    log_, at, now = [], 0, 0.0  # of each patient: dose, enrolled, end, toxic

    def counts(when):
        n, tox = [0] * doses, [0] * doses
        for dose, _, end, toxic in log_:
            n[dose] += 1
            tox[dose] += toxic and end <= when
        return n, tox

    for i in range(max_n):
        now += gap(i)
        if i and i % cohort == 0:
            while True:
                n, tox = counts(now)
                waiting = [p for p in log_ if p[0] == at and p[2] > now]
                stft = sum(min((now - p[1]) / window, 1) for p in waiting)
                letter = tite_boin_letter(n[at], tox[at], len(waiting), stft, target)
                if eliminated(n, tox, target) == 0:
                    at = -1
                    break
                if eliminated(n, tox, target) <= at:
                    letter = "D"
                if letter != "wait":
                    at = move(letter, at, n, tox, target)
                    break
                now = min(p[2] for p in log_ if p[2] > now)
            if at < 0:
                break
        onset = patient(i, at)
        toxic = onset is not None
        log_.append((at, now, now + (onset if toxic else window), toxic))
    n, tox = counts(INF)
    return n, tox, select(n, tox, target), max(p[2] for p in log_)
