"""The ways contacts went until they were first solved: whose they were, who waited for whom, what led nowhere.

A step is a stay: a contact is with a team (and, there, with its first, second … person; nobody is named), on hold, or
with its customer. What begins and ends at one instant is no step. The way begins with the channel and ends when the
contact is first solved; what comes after that is told as a share reopened.
"""

import polars as pl

from tasks.measure.contacts.handling import ASSIGNED, THEIRS
from tasks.measure.contacts.tickets import SOLVED

IDLE_S = 3600
"""So long without anything done by us, while a contact waits for us, is dead time: all of it."""
CUSTOMER, HOLD, UNTOLD = "customer", "on hold", "us"
"""Names of steps: with the customer; on hold; with us, where no team is told."""
ARROW = " → "
_TICKET, _AT = pl.col("ticket_id"), pl.col("at")
_NEW_TICKET = (_TICKET.shift(1) != _TICKET).fill_null(value=True)


def first_solved_in(turned: pl.DataFrame) -> pl.DataFrame:
    """When each ticket was first solved, and when it was reopened after that: ticket_id, solved_at, reopened_at.

    Args:
        turned: as `turns` gives them.
    """
    return (
        turned.filter(pl.col("is_solved"))
        .group_by("ticket_id", maintain_order=True)
        .agg(solved_at=_AT.first(), reopened_at=pl.col("until").first())
    )


def stays(tickets: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Every state a contact was in before it was first solved.

    Args:
        tickets: one row per contact: ticket_id, opened_at, solved_at, team (taken where no event tells of teams).
        changes: ticket_id, at, field (status | team | agent), old, new, sequence.

    Returns:
        One row per state, by ticket and time: ticket_id, at, turn (us | on hold | customer), team (`us`: not told), who
        (1: the first person of this team, 2: another one …). The first begins when the contact came. Changes from
        before that count as if made then; of several at one instant the last.
    """
    begun = tickets.select("ticket_id", "opened_at", "solved_at")
    ordered = changes.sort("ticket_id", "at", "sequence", maintain_order=True)
    is_status = pl.col("field") == "status"
    value = pl.coalesce("new", "old")
    is_move = pl.col("field").is_in(ASSIGNED) & value.is_not_null()
    moves = ordered.filter(is_move)
    first = {field: _first_told(moves.filter(pl.col("field") == field), field) for field in ASSIGNED}
    starts = tickets.select("ticket_id", "opened_at", now=pl.col("team").cast(pl.String))
    for told in first.values():
        starts = starts.join(told, on="ticket_id", how="left", maintain_order="left")
    turn = (
        pl.when(pl.col("new") == THEIRS).then(pl.lit(CUSTOMER))
        .when(pl.col("new") == "hold").then(pl.lit(HOLD)).otherwise(pl.lit(UNTOLD))
    )  # fmt: skip
    changed = (
        ordered.filter((is_status & ~pl.col("new").is_in(SOLVED).fill_null(value=False)) | is_move)
        .join(begun, on="ticket_id", maintain_order="left")
        .select(
            "ticket_id", pl.max_horizontal("at", "opened_at").alias("at"), turn=pl.when(is_status).then(turn),
            **{field: pl.when(pl.col("field") == field).then(value) for field in ASSIGNED},
        )
    )  # fmt: skip
    begin = starts.select(
        "ticket_id", at="opened_at", turn=pl.lit(UNTOLD), team=pl.coalesce("team", "now", pl.lit(UNTOLD)), agent="agent"
    )
    states = (
        pl.concat([begin, changed.select(begin.columns)])
        .sort("ticket_id", "at", maintain_order=True)
        # each ticket's first row tells its turn and team, so that nothing is filled from the ticket before
        .with_columns(pl.col("turn", "team").forward_fill())
    )
    numbered = _numbered_persons(_last_of_instant(states)).join(begun, on="ticket_id", maintain_order="left")
    return numbered.filter(pl.col("solved_at") > _AT).select("ticket_id", "at", "turn", "team", "who")


def _first_told(moves: pl.DataFrame, field: str) -> pl.DataFrame:
    """Whose a ticket was before anything is told of a change."""
    return moves.group_by("ticket_id", maintain_order=True).agg(pl.coalesce("old", "new").first().alias(field))


def _last_of_instant(states: pl.DataFrame) -> pl.DataFrame:
    """One row per ticket and instant; an assignment at that instant is kept, whichever change came last."""
    is_new = _NEW_TICKET | (_AT.shift(1) != _AT)
    held = states.with_columns(instant=is_new.cum_sum())
    told = pl.when(pl.col("agent").is_not_null()).then("instant").forward_fill()
    agent = pl.when(told == pl.col("instant")).then(pl.col("agent").forward_fill())
    is_last = (pl.col("instant") != pl.col("instant").shift(-1)).fill_null(value=True)
    return held.with_columns(agent=agent).filter(is_last).drop("instant")


def _numbered_persons(states: pl.DataFrame) -> pl.DataFrame:
    """States with `who` in place of `agent`.

    Whoever a team's ticket is first told to be with has had it since the team got it: a team that takes a ticket and
    gives it to somebody has made one step, not two.
    """
    if states["agent"].null_count() == states.height:
        return states.with_columns(who=pl.lit(1, pl.Int64))
    is_moved = _NEW_TICKET | (pl.col("team") != pl.col("team").shift(1))
    held = states.with_columns(stay=is_moved.cum_sum(), agent=_code(states["agent"])).with_columns(
        told=pl.when(pl.col("agent").is_not_null()).then("stay")
    )
    stay, told, agent = pl.col("stay"), pl.col("told"), pl.col("agent")
    before = pl.when(told.forward_fill() == stay).then(agent.forward_fill())
    after = pl.when(told.backward_fill() == stay).then(agent.backward_fill())
    team = _NEW_TICKET.cum_sum().cast(pl.Int64) * states["team"].n_unique() + _code(states["team"])
    held = held.with_columns(agent=pl.coalesce(before, after), of=team)
    known = held.with_row_index("place").filter(agent.is_not_null())
    persons = (
        known.group_by("of", "agent")
        .agg(pl.col("place").min())
        .sort("of", "place")
        .with_columns(nth=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    is_first = (pl.col("of") != pl.col("of").shift(1)).fill_null(value=True)
    begins = pl.when(is_first).then("nth").forward_fill()
    others = persons.with_columns(who=pl.col("nth") - begins + 1).filter(pl.col("who") > 1).select("of", "agent", "who")
    found = held.join(others, on=["of", "agent"], how="left", maintain_order="left")
    return found.with_columns(pl.col("who").fill_null(1))


def _code(words: pl.Series) -> pl.Series:
    """A small integer for each different text, from 0; null: null."""
    return words.cast(pl.Enum(words.drop_nulls().unique().sort())).to_physical().cast(pl.Int64)


def steps(states: pl.DataFrame, solved: pl.DataFrame) -> pl.DataFrame:
    """The steps of each contact.

    Args:
        states: as `stays` gives them.
        solved: ticket_id, solved_at.

    Returns:
        By ticket and time: ticket_id, at, step (its name), seconds.
    """
    nth = pl.when(pl.col("who") > 1).then(pl.format("{} (person {})", "team", "who")).otherwise("team")
    held = pl.when(pl.col("turn") == HOLD).then(pl.format(f"{{}}, {HOLD}", nth)).otherwise(nth)
    step = pl.when(pl.col("turn") == CUSTOMER).then(pl.lit(CUSTOMER)).otherwise(held)
    named = states.with_columns(step=step)
    is_new = _NEW_TICKET | (pl.col("step") != pl.col("step").shift(1))
    following = pl.when(_TICKET.shift(-1) == _TICKET).then(_AT.shift(-1)).otherwise(pl.col("solved_at"))
    return (
        named.filter(is_new)
        .join(solved.select("ticket_id", "solved_at"), on="ticket_id", maintain_order="left")
        .select("ticket_id", "at", "step", seconds=(following - _AT).dt.total_microseconds() / 1e6)
    )


def hand_offs(states: pl.DataFrame) -> pl.DataFrame:
    """How often each contact was handed on, to another team or person: ticket_id, n_hand_offs; none of the others."""
    is_moved = (pl.col("team") != pl.col("team").shift(1)) | (pl.col("who") != pl.col("who").shift(1))
    return states.filter(is_moved & ~_NEW_TICKET).group_by("ticket_id").agg(n_hand_offs=pl.len().cast(pl.Int64))


def dead_times(states: pl.DataFrame, acts: pl.DataFrame, solved: pl.DataFrame) -> pl.DataFrame:
    """How long contacts waited for us, and how long of that nothing was done: stretches of IDLE_S or more.

    Args:
        states: as `stays` gives them.
        acts: ticket_id, at: whatever was done by somebody other than the customer.
        solved: ticket_id, opened_at, solved_at.

    Returns:
        One row per contact with a state: ticket_id, us_s, dead_s. On hold it waits for us too.
    """
    is_turned = _NEW_TICKET | (pl.col("turn") != pl.col("turn").shift(1))
    ours = pl.col("turn") != CUSTOMER
    turned = states.with_columns(is_ours=ours).filter(is_turned).select("ticket_id", "at", "is_ours")
    near = (
        acts.join(solved.select("ticket_id", "opened_at", "solved_at"), on="ticket_id")
        .filter(pl.col("opened_at") < _AT, pl.col("solved_at") > _AT)
        .select("ticket_id", "at", is_ours=pl.lit(None, pl.Boolean))
    )
    marks = (
        pl.concat([turned, near])
        .sort("ticket_id", "at", maintain_order=True)
        .with_columns(pl.col("is_ours").forward_fill())
        .join(solved.select("ticket_id", "solved_at"), on="ticket_id", maintain_order="left")
    )
    following = pl.when(_TICKET.shift(-1) == _TICKET).then(_AT.shift(-1)).otherwise(pl.col("solved_at"))
    gap = (following - _AT).dt.total_microseconds() / 1e6
    waits = marks.select("ticket_id", us=pl.when("is_ours").then(gap).otherwise(0.0))
    is_dead = pl.col("us") >= IDLE_S
    return waits.group_by("ticket_id").agg(us_s=pl.col("us").sum(), dead_s=pl.col("us").filter(is_dead).sum())


def ways(tickets: pl.DataFrame, changes: pl.DataFrame, acts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The way of each contact, and its steps.

    Args:
        tickets: one row per contact that was solved: ticket_id, channel, team, opened_at, solved_at, reopened_at.
        changes: as for `stays`.
        acts: as for `dead_times`.

    Returns:
        One row per contact: ticket_id, path (channel, steps, joined by ARROW), n_steps, n_hand_offs, total_s, us_s,
        dead_s, is_reopened. And the steps, as `steps` gives them. A contact that was solved the instant it came has no
        step.
    """
    states = stays(tickets, changes)
    taken = steps(states, tickets)
    paths = taken.group_by("ticket_id", maintain_order=True).agg(
        path=pl.col("step").str.join(ARROW), n_steps=pl.len().cast(pl.Int64)
    )
    counted = {"n_steps": 0, "n_hand_offs": 0, "us_s": 0.0, "dead_s": 0.0}
    channel = pl.col("channel").cast(pl.String).fill_null("")
    made = (
        tickets.select(
            "ticket_id", channel=channel, is_reopened=pl.col("reopened_at").is_not_null(),
            total_s=(pl.col("solved_at") - pl.col("opened_at")).dt.total_microseconds().clip(lower_bound=0) / 1e6,
        )
        .join(paths, on="ticket_id", how="left")
        .join(hand_offs(states), on="ticket_id", how="left")
        .join(dead_times(states, acts, tickets), on="ticket_id", how="left")
        .with_columns(pl.col(name).fill_null(value) for name, value in counted.items())
        .with_columns(path=_joined(pl.col("channel"), pl.col("path")))
    )  # fmt: skip
    names = ("ticket_id", "path", "n_steps", "n_hand_offs", "total_s", "us_s", "dead_s", "is_reopened")
    return made.select(names), taken


def _joined(channel: pl.Expr, path: pl.Expr) -> pl.Expr:
    """Channel and steps; what is not told is left out."""
    said = pl.when(channel != "").then(channel)
    return pl.concat_str([said, path], separator=ARROW, ignore_nulls=True)
