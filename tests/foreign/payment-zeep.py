"""Calls the payment service through Debian's python3-zeep, which knows nothing of it but its WSDL.

Usage: payment-zeep.py WSDL_URL OPERATOR_KEY. Prints what it saw as JSON.
"""

import json
import sys

import requests
import zeep
from zeep.helpers import serialize_object
from zeep.transports import Transport

wsdl_url, operator_key = sys.argv[1:]
NAMESPACE = "{urn:everopen:payment:v1}"


def card(number, code="123", year=2035):
    return {
        "holderName": "Zoë O'Neill",
        "number": number,
        "expiryMonth": 12,
        "expiryYear": year,
        "securityCode": code,
    }


def fault_of(call):
    try:
        call()
    except zeep.exceptions.Fault as fault:
        texts = {element.tag.replace(NAMESPACE, ""): element.text for element in fault.detail.iter()}
        return {"code": texts.get("code"), "field": texts.get("field"), "faultcode": fault.code}
    return None


def visit(port):
    stranger = zeep.Client(wsdl_url).bind("PaymentService", port)
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {operator_key}"
    service = zeep.Client(wsdl_url, transport=Transport(session=session)).bind("PaymentService", port)
    approved = card("4111111111111111")
    charge = {"key": f"zeep-{port}", "amountMinor": 1999, "currency": "EUR"}
    seen = {
        "charged": service.Charge(**charge, card=approved),
        "again": service.Charge(**charge, card=approved),
        "void_after_charge": service.Void(key=charge["key"]),
        "declined": service.Charge(
            key=f"zeep-no-{port}", amountMinor=5, currency="JPY", card=card("4000000000000002")
        ),
        "voided": service.Void(key=f"zeep-void-{port}"),
        "charge_after_void": service.Charge(
            key=f"zeep-void-{port}", amountMinor=5, currency="USD", card=approved
        ),
        "expired": fault_of(lambda: service.Charge(**charge, card=card("4111111111111111", year=2020))),
        "reused": fault_of(lambda: service.Charge(**{**charge, "amountMinor": 1}, card=approved)),
        "without_key": fault_of(lambda: stranger.Void(key=charge["key"])),
        "entries": service.ListEntries(after=0, limit=100),
    }
    return serialize_object(seen, target_cls=dict)


print(json.dumps({port: visit(port) for port in ("PaymentSoap11", "PaymentSoap12")}))
