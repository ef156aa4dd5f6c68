"""Numbers and texts as people read them, in one line."""

MISSING = "–"


def percent(score: float | None, ci95: float | None = None, places: int = 1) -> str:
    """An accuracy in [0, 1] as "93.4%" or "93.4±1.2%"."""
    if score is None:
        return MISSING
    interval = "" if ci95 is None else f"±{100 * ci95:.{places}f}"
    return f"{100 * score:.{places}f}{interval}%"


def decimal(value: float | None, places: int = 2) -> str:
    """A number with so many decimal places."""
    return MISSING if value is None else f"{value:.{places}f}"


def short(value: float | None) -> str:
    """A number of any size with three digits that count, and no zeros to no end."""
    if value is None:
        return MISSING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def hours(seconds: float) -> str:
    """A time in hours, with three digits that count."""
    return f"{short(seconds / 3600)} h"


def duration(seconds: float | None) -> str:
    """Seconds for people: "42s", "3m 05s", "2h 10m", "3d 04h"; None is "?"."""
    if seconds is None:
        return "?"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02d}h"
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m {seconds:02d}s" if minutes else f"{seconds}s"


def counted(count: int, thing: str) -> str:
    """ "1 candidate", "1,000 candidates"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def printable(text: str) -> str:
    """Text whose every character can be printed: line breaks and the like escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def one_line(text: object, max_length: int | None = None) -> str:
    """Text on one line, cut where it is too long, without what cannot be printed."""
    line = " ".join(str(text).split())
    if max_length and len(line) > max_length:
        line = line[: max_length - 1] + "…"
    return "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line
    )
