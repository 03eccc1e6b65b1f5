"""Celery's side of the outlet: each task may be lost or repeated, `sweep` finds what is left."""

from celery import shared_task

from outlet.services import contact, letters, newsletter


@shared_task
def send_letter(letter_id: int) -> None:
    letters.send(letter_id)


@shared_task
def sweep() -> None:
    """Send what is due. One that does not leave keeps nobody waiting for the mail server."""
    for letter_id in letters.due():
        if not letters.send(letter_id):
            return


@shared_task
def forget_old() -> None:
    """Once a day: addresses and messages that have had their time."""
    newsletter.forget_unconfirmed()
    contact.forget_old()
    letters.forget_old()
