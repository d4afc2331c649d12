"""The flow for Node-RED: take the hint, answer at once, ask for a token unless one is kept, create, write the id into the booking.

It checks each answer and logs what failed by booking, which is more than most flows do. It keeps its token in memory, as flows do. It has no
store of its own: whoever wants one builds Drempel.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["flow", "settings_js"]

TAKE = """
const booking = msg.payload || {};
if (!booking.id) { msg.statusCode = 400; msg.payload = ''; return [msg, null]; }
const answer = { req: msg.req, res: msg.res, statusCode: 202, payload: '' };
const work = { booking: booking, status: String(booking.status_code) };
return [answer, work];
"""
WHAT = """
if (['20', '30'].includes(msg.status)) { msg.next = 'create'; return [msg, null]; }
if (['70', '80'].includes(msg.status)) {
    msg.next = 'revoke';
    msg.method = 'GET';
    msg.url = %(ireserve)s + '/api/rest/booking/' + msg.booking.id;
    msg.headers = { authorization: %(basic)s };
    return [null, msg];
}
return null;
"""
FOUND = """
if (msg.statusCode !== 200) { node.error('booking ' + msg.booking.id + ': read answered ' + msg.statusCode); return null; }
msg.set = msg.payload.custom05;
return msg.set ? msg : null;
"""
TOKEN = """
msg.token = flow.get('token');
if (msg.token) return [msg, null];
msg.method = 'POST';
msg.url = %(resivo)s + '/oauth2/token';
msg.headers = { 'content-type': 'application/x-www-form-urlencoded' };
msg.payload = %(form)s;
return [null, msg];
"""
KEEP = """
if (msg.statusCode !== 200) { node.error('booking ' + msg.booking.id + ': token answered ' + msg.statusCode); return null; }
msg.token = msg.payload.access_token;
flow.set('token', msg.token);
return msg;
"""
CALL = """
const site = %(resivo)s + '/v8/sites/' + %(site_id)s + '/authorizations/';
msg.headers = { authorization: 'Bearer ' + msg.token, 'content-type': 'application/json' };
if (msg.next === 'revoke') {
    msg.method = 'DELETE';
    msg.url = site + msg.set + '/revoke';
    msg.payload = {};
    return msg;
}
const doors = %(doors)s[String(msg.booking.object_id)];
const from = new Date(msg.booking.date_from.replace(/([+-]\\d\\d)(\\d\\d)$/, '$1:$2'));
const to = new Date(msg.booking.date_till.replace(/([+-]\\d\\d)(\\d\\d)$/, '$1:$2'));
msg.method = 'POST';
msg.url = site + 'remote-access';
msg.payload = {
    displayName: msg.booking.object_desc + ' ' + msg.booking.id,
    componentIds: doors,
    restrictions: { validFrom: new Date(from - 15 * 60 * 1000).toISOString(), validTo: to.toISOString() },
    recipients: [{ email: msg.booking.email }],
};
return msg;
"""
WRITE = """
if (!(msg.statusCode >= 200 && msg.statusCode < 300)) {
    if (msg.statusCode === 401) flow.set('token', undefined);
    node.error('booking ' + msg.booking.id + ': ' + msg.next + ' answered ' + msg.statusCode);
    return null;
}
const id = msg.next === 'create' ? msg.payload.id : '';
msg.method = 'POST';
msg.url = %(ireserve)s + '/api/rest/hook/booking/';
msg.headers = { authorization: %(basic)s, 'content-type': 'application/json' };
msg.payload = { id: msg.booking.id, custom05: id };
return msg;
"""
WRITTEN = """
if (msg.statusCode !== 200) node.error('booking ' + msg.booking.id + ': write-back answered ' + msg.statusCode);
return null;
"""


def settings_js(port: int) -> str:
    """Only on this machine, without an editor."""
    settings = {"uiPort": port, "uiHost": "127.0.0.1", "httpAdminRoot": False, "flowFile": "flows.json"}
    settings |= {"telemetry": {"enabled": False}, "logging": {"console": {"level": "info", "metrics": False, "audit": False}}}
    return f"module.exports = {json.dumps(settings)};\n"


def flow(world: Mapping[str, Any], doors: Mapping[str, str]) -> list[dict[str, Any]]:
    """The nodes, wired."""
    account = base64.b64encode(f"{world['account']}:{world['password']}".encode()).decode()
    form = f"grant_type=client_credentials&client_id={world['client_id']}&client_secret={world['client_secret']}"
    values = {
        "resivo": json.dumps(world["resivo"]),
        "ireserve": json.dumps(world["ireserve"]),
        "basic": json.dumps(f"Basic {account}"),
        "form": json.dumps(form),
        "site_id": json.dumps(world["site_id"]),
        "doors": json.dumps({object_id: [doors[name] for name in names] for object_id, names in world["doors"].items()}),
    }
    nodes = [
        _hook("alive", "/alive", "get", ["say"]),
        _function("say", "msg.statusCode = 200; msg.payload = 'ok'; return msg;", [["answer"]]),
        _hook("hook", "/hooks/club", "post", ["take"]),
        _function("take", TAKE, [["answer"], ["what"]]),
        {"id": "answer", "type": "http response", "z": "tab", "name": "answer", "statusCode": "", "headers": {}, "wires": []},
        _function("what", WHAT % values, [["token"], ["read"]]),
        _request("read", "found"),
        _function("found", FOUND, [["token"]]),
        _function("token", TOKEN % values, [["call"], ["ask-token"]]),
        _request("ask-token", "keep"),
        _function("keep", KEEP, [["call"]]),
        _function("call", CALL % values, [["ask-resivo"]]),
        _request("ask-resivo", "write"),
        _function("write", WRITE % values, [["ask-ireserve"]]),
        _request("ask-ireserve", "written"),
        _function("written", WRITTEN, [[]]),
    ]
    # A node without a place on the canvas is taken for a configuration.
    placed = [{**node, "x": 140 + number % 5 * 180, "y": 80 + number // 5 * 80} for number, node in enumerate(nodes)]
    return [{"id": "tab", "type": "tab", "label": "doors", "disabled": False}, *placed]


def _hook(name: str, path: str, method: str, to: list[str]) -> dict[str, Any]:
    return {
        "id": name,
        "type": "http in",
        "z": "tab",
        "name": name,
        "url": path,
        "method": method,
        "upload": False,
        "wires": [to],
    }


def _function(name: str, code: str, wires: list[list[str]]) -> dict[str, Any]:
    known = {
        "id": name,
        "type": "function",
        "z": "tab",
        "name": name,
        "func": code.strip(),
        "outputs": len(wires),
        "wires": wires,
    }
    return {**known, "timeout": 0, "noerr": 0, "initialize": "", "finalize": "", "libs": []}


def _request(name: str, to: str) -> dict[str, Any]:
    known = {"id": name, "type": "http request", "z": "tab", "name": name, "method": "use", "ret": "obj", "paytoqs": "ignore"}
    return {**known, "url": "", "tls": "", "persist": True, "proxy": "", "senderr": False, "wires": [[to]]}
