# SPDX-License-Identifier: Apache-2.0
"""packaging/kubernetes in a real API server with its controllers: Kubernetes 1.20, the newest that Debian has the source of
as a whole. It knows PodDisruptionBudgets as policy/v1beta1 only, so here, and only here, that one line of the resources is
another. In place of the profile `restricted` of Pod Security, which came with 1.22, it has a PodSecurityPolicy that says
the same and more."""

import shutil

import pytest
import yaml
from cluster import Cluster
from kubernetes import FOLDER, containers, find, resources

RESTRICTED = {
    "apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy",
    "metadata": {"name": "restricted", "annotations": {
        "seccomp.security.alpha.kubernetes.io/allowedProfileNames": "runtime/default"}},
    "spec": {
        "privileged": False, "allowPrivilegeEscalation": False, "requiredDropCapabilities": ["ALL"],
        "readOnlyRootFilesystem": True, "hostNetwork": False, "hostIPC": False, "hostPID": False,
        "volumes": ["configMap", "emptyDir", "secret", "persistentVolumeClaim", "projected", "downwardAPI"],
        "runAsUser": {"rule": "MustRunAsNonRoot"}, "runAsGroup": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]},
        "supplementalGroups": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]},
        "fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]}, "seLinux": {"rule": "RunAsAny"}}}
OVERLAY = """
bases: [../base]
images:
- name: yuchanshin/pixelzx-evm
  newTag: 1.0.1
configMapGenerator:
- name: pixelzx-settings
  behavior: merge
  literals: [PIXELZX_NETWORK=testnet]
"""


@pytest.fixture(scope="module")
def cluster(engine_room):
    cluster = Cluster(engine_room)
    cluster.create(RESTRICTED)
    return cluster


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The folder, for this server."""
    folder = shutil.copytree(FOLDER, tmp_path_factory.mktemp("kubernetes") / "base")
    text = (folder / "disruption.yaml").read_text()
    assert "\napiVersion: policy/v1\n" in text
    (folder / "disruption.yaml").write_text(text.replace("policy/v1", "policy/v1beta1"))
    return folder


@pytest.fixture(scope="module")
def applied(cluster, base):
    cluster.apply("-k", base)
    return cluster


def check_contains(there, wanted, path=""):
    """All that was wanted is there; the server adds what nobody has said."""
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            assert name in there, f"{path}.{name}"
            check_contains(there[name], value, f"{path}.{name}")
    elif isinstance(wanted, list):
        assert len(there) == len(wanted), path
        for number, value in enumerate(wanted):
            check_contains(there[number], value, f"{path}[{number}]")
    else:
        assert there == wanted, path


@pytest.mark.parametrize("part", ["", "begin", "doctor"])
def test_accepted(cluster, base, part):
    """A dry run in the server, with all its checks."""
    said = cluster.apply("--dry-run=server", "-k", base / part)
    assert len(said.splitlines()) == len(resources(folder=FOLDER / part))
    assert all(line.endswith("(server dry run)") for line in said.splitlines())


@pytest.mark.parametrize("mistake", ["readOnlyRootFileSystem", "runAsNonroot"])
def test_a_misspelt_field_is_refused(cluster, base, tmp_path, mistake):
    folder = shutil.copytree(base, tmp_path / "wrong")
    right = {"readonlyrootfilesystem": "readOnlyRootFilesystem", "runasnonroot": "runAsNonRoot"}[mistake.lower()]
    text = (folder / "statefulset.yaml").read_text()
    assert right in text
    (folder / "statefulset.yaml").write_text(text.replace(right, mistake))
    result = cluster("apply", "--dry-run=server", "-k", folder)
    assert result.status != 0 and f'unknown field "{mistake}"' in result.err


def test_read_back(applied, base):
    for item in resources(folder=base):
        there = applied.get(item["kind"], item["metadata"]["name"])
        check_contains(there, {name: value for name, value in item.items() if name != "apiVersion"})


def test_applied_again(applied, base):
    """Nothing restarts."""
    pod = applied.wait("pod", "pixelzx-0")
    before = applied.get("statefulset", "pixelzx")
    applied.apply("-k", base)
    after = applied.wait("statefulset", "pixelzx", lambda item: item["status"]["observedGeneration"] ==
                         item["metadata"]["generation"])
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert after["status"]["updateRevision"] == before["status"]["updateRevision"]
    assert applied.get("pod", "pixelzx-0")["metadata"]["uid"] == pod["metadata"]["uid"]


def test_pod_and_volumes(applied):
    """The controller makes the pod, which the policy lets pass, and the volumes that `begin` names."""
    pod = applied.wait("pod", "pixelzx-0")
    assert pod["metadata"]["annotations"]["kubernetes.io/psp"] == "restricted"
    claims = {volume["persistentVolumeClaim"]["claimName"] for volume in pod["spec"]["volumes"]
              if "persistentVolumeClaim" in volume}
    assert claims == {"data-pixelzx-0", "keystore-pixelzx-0"}
    for claim in claims:
        applied.wait("pvc", claim)
    # `automountServiceAccountToken: false`
    assert not [volume for volume in pod["spec"]["volumes"] if "token" in volume["name"]]


def test_the_policy_refuses_others(applied):
    """What test_pod_and_volumes shows could have been otherwise."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "other"},
           "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"runAsUser": 0}}]}}
    result = applied("create", "-f", "-", stdin=None, input=yaml.safe_dump(pod).encode())
    assert result.status != 0 and "runAsUser" in result.err


def test_nothing_evicts_the_validator(applied):
    budget = applied.wait("pdb", "pixelzx", lambda item: item.get("status", {}).get("expectedPods") == 1)
    assert budget["status"]["disruptionsAllowed"] == 0


def test_roll_back(applied, base):
    """Another image and other settings, which do not start; and back, without anybody deleting the pod."""
    def used(pod):
        (container,) = pod["spec"]["containers"]
        return container["image"], container["envFrom"][0]["configMapRef"]["name"]

    before = used(applied.wait("pod", "pixelzx-0"))
    mine = base.parent / "mine"
    mine.mkdir()
    (mine / "kustomization.yaml").write_text(OVERLAY)
    applied.apply("-k", mine)
    after = used(applied.wait("pod", "pixelzx-0", lambda pod: used(pod) != before))
    assert after[0].endswith(":1.0.1") and after[1] != before[1]
    applied("rollout", "undo", "statefulset/pixelzx").expect()
    applied.wait("pod", "pixelzx-0", lambda pod: used(pod) == before)
    # The old settings are still there.
    assert applied.get("configmap", before[1]) is not None


def test_begin(applied, base):
    """With the pod gone; its volumes stay."""
    applied("scale", "statefulset/pixelzx", "--replicas=0").expect()
    applied("wait", "--for=delete", "pod/pixelzx-0", "--timeout=120s")
    assert applied.get("pod", "pixelzx-0") is None and applied.get("pvc", "data-pixelzx-0") is not None
    applied.apply("-k", base / "begin")
    applied.wait("job", "pixelzx-begin", lambda job: job["status"].get("active") == 1)
    (pod,) = yaml.safe_load(applied("get", "pods", "-l", "job-name=pixelzx-begin", "-o", "yaml").expect().out)["items"]
    assert pod["metadata"]["annotations"]["kubernetes.io/psp"] == "restricted"
    applied("delete", "-k", base / "begin").expect()
    applied("scale", "statefulset/pixelzx", "--replicas=1").expect()
    applied.wait("pod", "pixelzx-0")


def test_doctor_on_every_host(cluster, base):
    """Also on those that are kept free of what does not tolerate it; not on those with another system."""
    hosts = {"one": ("linux", "amd64", []),
             "two": ("linux", "arm64", [{"key": "kubernetes.io/arch", "value": "arm64", "effect": "NoSchedule"}]),
             "three": ("linux", "s390x", [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoExecute"}]),
             "four": ("windows", "amd64", [])}
    cluster.create(*({"apiVersion": "v1", "kind": "Node", "spec": {"taints": taints},
                      "metadata": {"name": name, "labels": {"kubernetes.io/os": system, "kubernetes.io/arch": architecture}}}
                     for name, (system, architecture, taints) in hosts.items()))
    cluster.apply("-k", base / "doctor")
    cluster.wait("daemonset", "pixelzx-doctor", lambda item: item["status"]["currentNumberScheduled"] == 3)
    daemons = cluster.get("daemonset", "pixelzx-doctor")
    assert daemons["status"]["desiredNumberScheduled"] == 3
    assert [container["name"] for container in containers(daemons)] == ["doctor"]
    assert find(resources(folder=FOLDER / "doctor"), "DaemonSet")["spec"]["template"]["spec"]["tolerations"] == [
        {"operator": "Exists"}]
