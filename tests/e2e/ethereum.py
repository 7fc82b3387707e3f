# SPDX-License-Identifier: Apache-2.0
"""Keys and signed transactions, written from the specifications (FIPS 202, SEC 1, RFC 6979, EIP-155), so that
nothing of the node is used to test it."""

import hashlib
import hmac

ROUNDS = 24
MASK = (1 << 64) - 1


def rotated(word, by):
    return (word << by | word >> (64 - by)) & MASK if by else word


def round_constants():
    state = 1
    for _ in range(ROUNDS):
        constant = 0
        for j in range(7):
            if state & 1:
                constant |= 1 << ((1 << j) - 1)
            state = state << 1 ^ (0x171 if state & 0x80 else 0)
        yield constant


CONSTANTS = list(round_constants())


def permuted(lanes):
    """Keccak-f[1600]; lanes[x + 5 * y]."""
    for constant in CONSTANTS:
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        lanes = [lanes[i] ^ parity[(i - 1) % 5] ^ rotated(parity[(i + 1) % 5], 1) for i in range(25)]
        x, y, lane = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, lanes[x + 5 * y] = lanes[x + 5 * y], rotated(lane, (step + 1) * (step + 2) // 2 % 64)
        lanes = [lanes[i] ^ ~lanes[i // 5 * 5 + (i + 1) % 5] & lanes[i // 5 * 5 + (i + 2) % 5] for i in range(25)]
        lanes[0] ^= constant
    return lanes


def keccak256(data):
    rate = 136
    data = data + b"\x01" + bytes(-(len(data) + 1) % rate)
    data = data[:-1] + bytes([data[-1] | 0x80])
    lanes = [0] * 25
    for start in range(0, len(data), rate):
        for i in range(rate // 8):
            lanes[i] ^= int.from_bytes(data[start + 8 * i:start + 8 * i + 8], "little")
        lanes = permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


# ---- secp256k1 ----

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def added(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if a[1] != b[1]:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(number, point=G):
    result = None
    while number:
        if number & 1:
            result = added(result, point)
        point, number = added(point, point), number >> 1
    return result


def address_of(key):
    x, y = times(key)
    return "0x" + keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:].hex()


def nonces(key, digest):
    """RFC 6979, section 3.2."""
    k, v = bytes(32), b"\x01" * 32
    seed = key.to_bytes(32, "big") + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    for separator in (b"\x00", b"\x01"):
        k = hmac.digest(k, v + separator + seed, hashlib.sha256)
        v = hmac.digest(k, v, hashlib.sha256)
    while True:
        v = hmac.digest(k, v, hashlib.sha256)
        yield int.from_bytes(v, "big")
        k = hmac.digest(k, v + b"\x00", hashlib.sha256)
        v = hmac.digest(k, v, hashlib.sha256)


def signature(key, digest):
    """The parity of the point's Y coordinate, r and s."""
    for k in nonces(key, digest):
        if not 0 < k < N:
            continue
        x, y = times(k)
        s = pow(k, -1, N) * (int.from_bytes(digest, "big") + x * key) % N
        return (y & 1, x, s) if s <= N // 2 else (y & 1 ^ 1, x, N - s)


# ---- transactions ----


def rlp(item):
    if isinstance(item, list):
        payload, short = b"".join(map(rlp, item)), 0xC0
    else:
        payload, short = item.to_bytes((item.bit_length() + 7) // 8, "big") if isinstance(item, int) else item, 0x80
        if len(payload) == 1 and payload[0] < 0x80:
            return payload
    if len(payload) < 56:
        return bytes([short + len(payload)]) + payload
    size = len(payload).to_bytes((len(payload).bit_length() + 7) // 8, "big")
    return bytes([short + 55 + len(size)]) + size + payload


def transfer(key, nonce, to, value, chain_id, gas_price=10**10):
    """A legacy transaction (EIP-155) as eth_sendRawTransaction takes it, and its hash."""
    fields = [nonce, gas_price, 21000, bytes.fromhex(to[2:]), value, b""]
    parity, r, s = signature(key, keccak256(rlp([*fields, chain_id, 0, 0])))
    encoded = rlp([*fields, chain_id * 2 + 35 + parity, r, s])
    return "0x" + encoded.hex(), "0x" + keccak256(encoded).hex()
