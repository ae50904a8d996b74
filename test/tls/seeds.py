# SPDX-License-Identifier: BSD-2-Clause
"""Seeds of fuzz_chain, out of the certificates beside this file: seeds.py DIR"""

import base64
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

SEEDS = {
    "good": "leaf inter", "root": "leaf inter root", "direct": "leaf-root", "inter": "inter",
    "over": "leaf-over inter", "early": "leaf-early inter", "client": "leaf-client inter",
    "any": "leaf-any inter", "critical": "leaf-critical inter", "forged": "leaf-forged inter",
    "rsa1024": "leaf-rsa1024 inter", "stranger": "leaf-stranger stranger root",
    "cross": "leaf inter-cross old-root inter", "cn": "cn-only inter", "cntwo": "cn-two inter",
    "cnnul": "cn-nul inter", "cnnone": "cn-none inter", "cnip": "cn-ip inter",
    "dnsnul": "dns-nul inter", "dnsodd": "dns-odd inter", "rsa": "rsa-leaf rsa-root",
    "ed": "ed-leaf ed-root", "pss": "pss-leaf pss-root", "huge": "leaf-huge inter-huge",
    "odd": "leaf-odd inter-odd", "org": "leaf-org-com root-org",
    "path": "leaf-path0 inter-path0", "knot": "leaf-knot knot-a knot-b knot-a knot-b",
    "self": "self", "twin": "leaf-twin twin0 twin1 twin2 twin3",
    "version1": "leaf-v1-root v1-root", "psslong": "pss-long-leaf pss-long-root",
    "longname": "large-name-fits", "nameless": "leaf-root-no-basic root-no-basic",
}


def der(name):
    with open(os.path.join(HERE, name + ".pem"), encoding="ascii") as pem:
        body = re.search("-BEGIN CERTIFICATE-----(.*?)-----END", pem.read(), re.S)
    return base64.b64decode(body.group(1))


for title, names in SEEDS.items():
    with open(os.path.join(sys.argv[1], title), "wb") as out:
        out.write(b"".join(der(name) for name in names.split()))
