"""What rules refuse stands in the audit trail: who attempted what, and which rule was against it."""

from handlers.audit import of_refused
from handlers.model import MOST_WORDS, Against, Inquiry, Refused
from handlers.policy import Ruling
from handlers.ports import Ports


def write_down(refused: Refused, ports: Ports) -> None:
    """Write a row for each environment, once however often it comes. Raises LedgerConflict, Unavailable."""
    against = tuple(one for one in refused.against if _counts(one, ports))
    for key, record in of_refused(refused.model_copy(update={"against": against})):
        ports.ledger.note(key, record)


def _counts(against: Against, ports: Ports) -> bool:
    """Say whether it is about the environment at all, and not about a repository that has nothing to do with it."""
    if against.if_repository is None:
        return True
    return ports.ledger.standing(against.environment).row.repository_id == against.if_repository


def refuse(
    environment: str,
    ruling: Ruling,
    inquiry: Inquiry,
    ports: Ports,
    request: str | None = None,
    *,
    hourly: bool = False,
) -> Ruling:
    """Write down that an inquiry is refused; return the ruling: the answer. Raises LedgerConflict, Unavailable."""
    refused = Refused(
        actor=inquiry.actor,
        delivery=inquiry.id,
        at=inquiry.asked_at,
        words=inquiry.text[:MOST_WORDS],
        request=request,
        hourly=hourly,
        against=(ruling.against(environment),),
    )
    write_down(refused, ports)
    return ruling
