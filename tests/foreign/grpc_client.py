"""Calls both databases with nothing of ours but the two proto files: Debian's grpcio and protoc.

Usage: grpc_client.py GENERATED_DIRECTORY CUSTOMERS_ADDRESS PRODUCTS_ADDRESS CLUSTER_KEY KEY_PREFIX
Prints one JSON object with what it saw.
"""
import json
import sys

generated, customers_address, products_address, cluster_key, *keys = sys.argv[1:]
sys.path.insert(0, generated)

import grpc  # noqa: E402
import customers_pb2 as customers  # noqa: E402
import products_pb2 as products  # noqa: E402
import health_pb2 as health  # noqa: E402
import reflection_pb2 as reflection  # noqa: E402


def call(channel, path, request, answer, key=None, cluster=cluster_key):
    metadata = [("authorization", "Bearer " + cluster)]
    if key is not None:
        metadata.append(("idempotency-key", key))
    method = channel.unary_unary(
        path, request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer.FromString
    )
    return method(request, metadata=metadata, timeout=5)


seen = {}
with grpc.insecure_channel(customers_address) as channel:
    base = "/everopen.customers.v1.Customers/"
    request = customers.CreateAccountRequest(
        role=customers.ROLE_SELLER, username="python", display_name="Monty", password_hash="$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
    )
    account = call(channel, base + "CreateAccount", request, customers.Account, keys[0])
    again = call(channel, base + "CreateAccount", request, customers.Account, keys[0])
    seen["account"] = account.account_id
    seen["sameAnswer"] = account == again
    try:
        call(channel, base + "CreateAccount", request, customers.Account, keys[1])
    except grpc.RpcError as error:
        seen["taken"] = error.code().name
    try:
        call(channel, base + "GetAccount", customers.GetAccountRequest(account_id=account.account_id), customers.Account, cluster="wrong")
    except grpc.RpcError as error:
        seen["wrongKey"] = error.code().name
    status = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=lambda m: m.SerializeToString(),
        response_deserializer=health.HealthCheckResponse.FromString,
    )(health.HealthCheckRequest(), timeout=5)
    seen["health"] = health.HealthCheckResponse.ServingStatus.Name(status.status)
    listed = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=lambda m: m.SerializeToString(),
        response_deserializer=reflection.ServerReflectionResponse.FromString,
    )(iter([reflection.ServerReflectionRequest(list_services="")]), timeout=5)
    seen["reflection"] = sorted(s.name for s in next(listed).list_services_response.service)

with grpc.insecure_channel(products_address) as channel:
    base = "/everopen.products.v1.Products/"
    listing = products.ListItemRequest(
        seller_id=account.account_id,
        name="Foreign lamp",
        category=1,
        keywords=["lamp"],
        condition=products.CONDITION_NEW,
        price_minor=1999,
        currency="USD",
        quantity=3,
    )
    item = call(channel, base + "ListItem", listing, products.ListItemResponse, keys[2]).item
    found = call(channel, base + "Search", products.SearchRequest(keywords=["lamp"], limit=10), products.SearchResponse)
    seen["found"] = [i.name for i in found.items]
    seen["item"] = item.item_id
    try:
        call(channel, base + "GetItem", products.GetItemRequest(item_id=999999), products.Item)
    except grpc.RpcError as error:
        seen["missing"] = error.code().name

print(json.dumps(seen))
