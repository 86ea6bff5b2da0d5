"""The triggers: what goes where, one statement each. Nothing is decided here."""

import azure.functions as func

from handlers import wiring

wiring.check_settings()

app = func.FunctionApp()


@app.function_name("receive_delivery")
@app.route("hooks/{source}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="requests", queue_name="requests", connection="AzureWebJobsStorage")
def receive_delivery(req: func.HttpRequest, requests: func.Out[bytes]) -> func.HttpResponse:
    """Turn a webhook delivery, proved by its signature, into a message on queue `requests`."""
    return wiring.receive_delivery(req, requests)


@app.function_name("submit_request")
@app.queue_trigger(arg_name="message", queue_name="requests", connection="AzureWebJobsStorage")
def submit_request(message: func.QueueMessage) -> None:
    """Turn a request into one Service Management call, and its request id into a message on queue `operations`."""
    wiring.submit_request(message)


@app.function_name("keep_poison")
@app.queue_trigger(arg_name="message", queue_name="requests-poison", connection="AzureWebJobsStorage")
def keep_poison(message: func.QueueMessage) -> None:
    """Keep a message that nobody could work with, and end the request behind it."""
    wiring.keep_poison(message)


@app.function_name("poll_operations")
@app.timer_trigger(arg_name="timer", schedule="%POLL_SCHEDULE%", use_monitor=False)
def poll_operations(timer: func.TimerRequest) -> None:
    """Ask about every operation on queue `operations` that is due."""
    wiring.poll_operations(timer)


@app.function_name("tell_outcome")
@app.queue_trigger(arg_name="message", queue_name="notifications", connection="AzureWebJobsStorage")
def tell_outcome(message: func.QueueMessage) -> None:
    """Show how a request is going in every place that waits for it."""
    wiring.tell_outcome(message)


@app.function_name("answer_inquiry")
@app.queue_trigger(arg_name="message", queue_name="inquiries", connection="AzureWebJobsStorage")
def answer_inquiry(message: func.QueueMessage) -> None:
    """Answer a command that changes nothing in Azure, where it was given."""
    wiring.answer_inquiry(message)


@app.function_name("keep_poison_inquiry")
@app.queue_trigger(arg_name="message", queue_name="inquiries-poison", connection="AzureWebJobsStorage")
def keep_poison_inquiry(message: func.QueueMessage) -> None:
    """Keep an inquiry that nobody could work with, and say so where it was given."""
    wiring.keep_poison_inquiry(message)


@app.function_name("sweep_ledger")
@app.timer_trigger(arg_name="timer", schedule=wiring.settings().sweep_schedule, use_monitor=False)
def sweep_ledger(timer: func.TimerRequest) -> None:
    """Take up again what nobody has touched past its time."""
    wiring.sweep_ledger(timer)


@app.function_name("look_after_nights")
@app.timer_trigger(arg_name="timer", schedule=wiring.settings().night_schedule, use_monitor=False)
def look_after_nights(timer: func.TimerRequest) -> None:
    """Put environments to sleep in the evening and bring them back in the morning."""
    wiring.look_after_nights(timer)
