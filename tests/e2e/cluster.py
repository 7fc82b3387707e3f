# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes without hosts, in the room of engines.py: etcd, the API server and the controllers, all of them real.
There is no kubelet: pods are made by their controllers, and wait."""

import json
import os
import shutil
import subprocess

import pytest
import support
import yaml
from kubernetes import kubectl
from nodes import wait_for
from support import NATIVE, SOURCE

BUILD_LIMIT = 3000  # seconds
ADDRESS = "https://127.0.0.1:6443"
TOKEN = "of-a-test"


def programs():
    """The folder of Kubernetes' servers, which are built once."""
    if shutil.which("go", path=support.PATH) is None:
        pytest.skip("needs go")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GO")}
    done = subprocess.run([SOURCE / "tests/kubernetes/server.sh"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env=environment, text=True, timeout=BUILD_LIMIT)
    assert done.returncode == 0
    return done.stdout.strip()


class Cluster:
    def __init__(self, room):
        self.room, self.folder = room, room.folder / "kubernetes"
        self.folder.mkdir()
        etcd = support.fetched("bookworm", NATIVE.debian, "etcd-server") / "usr/bin/etcd"
        servers, certificates = programs(), self.folder / "certificates"
        # The signatures of service accounts' tokens; its certificates the server makes itself.
        key = self.folder / "key.pem"
        support.run(["openssl", "genrsa", "-out", key, "2048"], check=True)
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f"{TOKEN},test,test,system:masters\n")
        self.config = self.folder / "config"
        self.config.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": ADDRESS, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}]}))
        room.serve("etcd", etcd, "--data-dir", self.folder / "etcd", "--unsafe-no-fsync",
                   ready=lambda: b"ready to serve" in (room.folder / "etcd.log").read_bytes())
        room.serve("kube-apiserver", f"{servers}/kube-apiserver", "--etcd-servers=http://127.0.0.1:2379",
                   "--bind-address=127.0.0.1", "--advertise-address=192.0.2.1",  # nobody follows that
                   "--cert-dir", certificates, "--token-auth-file", tokens,
                   "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=test",
                   "--service-account-key-file", key, "--service-account-signing-key-file", key,
                   "--enable-admission-plugins=PodSecurityPolicy",
                   ready=lambda: self("get", "--raw", "/readyz").status == 0)
        room.serve("kube-controller-manager", f"{servers}/kube-controller-manager", "--kubeconfig", self.config,
                   "--leader-elect=false", "--cert-dir", certificates, "--service-account-private-key-file", key,
                   ready=lambda: self("get", "serviceaccount", "default").status == 0)

    def __call__(self, *words, version="1.20", **options):
        """Runs kubectl."""
        return self.room.run(kubectl(version), "--kubeconfig", self.config, *words, **options)

    def apply(self, *words):
        """`kubectl apply`, which must succeed."""
        return self("apply", *words).expect().out

    def create(self, *items):
        """Resources as they are."""
        return self("create", "-f", "-", stdin=None, input=yaml.safe_dump_all(items).encode()).expect()

    def get(self, kind, name):
        """A resource; None where there is none."""
        result = self("get", kind, name, "-o", "json")
        return json.loads(result.out) if result.status == 0 else None

    def wait(self, kind, name, holds=lambda item: True):
        """The resource, once it is there and `holds`."""
        def look():
            item = self.get(kind, name)
            return item if item is not None and holds(item) else None

        return wait_for(f"{kind} {name}", look, pause=0.2)
