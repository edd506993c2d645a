"""A producer and a subscriber of Python's CloudEvents SDK, for python-sdk.test.ts.

python-sdk.py produce URL binary|structured    sends an event, prints the status
python-sdk.py subscribe HOST                   prints its port, answers each event with another until it is ended
"""

import sys
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import Request, urlopen

from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent


def encode(event, mode):
    return http.to_structured_event(event) if mode == "structured" else http.to_binary_event(event)


def produce(url, mode):
    attributes = {
        "id": mode,
        "source": "/conformance/python",
        "type": "conformance.python.asked",
        "subject": "Zürich €5",
        "time": datetime(2026, 1, 31, 12, 30, tzinfo=timezone.utc),
        "datacontenttype": "application/json",
        "specversion": "1.0",
        "mode": mode,
    }
    message = encode(CloudEvent(attributes, {"speedKmh": 50.5, "name": "Zürich"}), mode)
    with urlopen(Request(url, data=message.body, headers=message.headers, method="POST")) as response:
        print(response.status)


class Subscriber(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = http.from_http_event(http.HTTPMessage(headers=dict(self.headers.items()), body=body))
        attributes = {
            "id": f"re:{asked.get_id()}",
            "source": "/conformance/python",
            "type": "conformance.python.answered",
            "subject": asked.get_subject(),
            "datacontenttype": "application/json",
            "specversion": "1.0",
        }
        got = {"data": asked.get_data(), "time": asked.get_time().isoformat(), "specversion": asked.get_specversion()}
        # In the mode that the question came in.
        answer = encode(CloudEvent(attributes, got), asked.get_extension("mode"))
        self.send_response(200)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_):
        pass


def subscribe(host):
    server = HTTPServer((host, 0), Subscriber)
    print(server.server_port, flush=True)
    server.serve_forever()


{"produce": produce, "subscribe": subscribe}[sys.argv[1]](*sys.argv[2:])
