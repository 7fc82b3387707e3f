# SPDX-License-Identifier: Apache-2.0
"""packaging/kubernetes: what kustomize renders, by an old and a new kubectl; Kubernetes' own schemas; and the
pods, with their real settings, under podman."""

import copy
import json
import re
import shutil

import engines
import javascript
import pytest
import support
import yaml
from kubernetes import FOLDER, KUBECTL, Pod, containers, find, render, resources
from nodes import DEV_ADDRESS, wait_for
from support import NATIVE, SOURCE

PARTS = ["", "begin", "doctor", "monitoring"]
WORKLOADS = {"StatefulSet": "", "Job": "begin", "DaemonSet": "doctor"}
IMAGE = "yuchanshin/pixelzx-evm"
GUIDE = (SOURCE / "docs/kubernetes.md").read_text()
HASH = re.compile(r"(?<=: pixelzx-)(settings|begin)-[0-9a-z]{10}$", re.MULTILINE)
VERSION = re.search(r"project\(pixelzx VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
each_kubectl = pytest.mark.parametrize("kubectl", KUBECTL)
each_workload = pytest.mark.parametrize("kind", WORKLOADS)
# A setting, another image, and a pinned architecture, as docs/kubernetes.md tells it. Kustomize 2.0 has no folders among
# the resources, and later ones warn of bases.
OVERLAY = """
{others}:
- {part}
images:
- name: {image}
  newTag: 1.0.1
{more}
"""
PATCHED = """configMapGenerator:
- name: pixelzx-settings
  behavior: merge
  literals: [PIXELZX_NETWORK=testnet, PIXELZX_LOG_LEVEL=debug]
patchesStrategicMerge:
- patch.yaml
"""


def told(words):
    """The example in docs/kubernetes.md that has these words."""
    (example,) = [text for text in support.code_blocks(GUIDE, "yaml") if words in text]
    return example


KEYS, PIN = told("secretName: pixelzx-keystore"), told("kubernetes.io/arch")


def workload(kind):
    return find(resources(folder=FOLDER / WORKLOADS[kind]), kind)


# ---- rendered ----


@pytest.mark.parametrize("part", PARTS)
def test_old_and_new_kustomize_agree(part):
    """But for the hash in the name of a ConfigMap."""
    old, new = (sorted(list(yaml.safe_load_all(HASH.sub("-", render(version, FOLDER / part)))), key=json.dumps)
                for version in KUBECTL)
    assert old == new and old


@pytest.mark.parametrize("part", PARTS)
def test_no_namespace(part):
    for item in resources(folder=FOLDER / part):
        assert "namespace" not in item["metadata"], item["kind"]


@each_workload
def test_starts_on_every_architecture(kind):
    spec = workload(kind)["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"kubernetes.io/os": "linux"} and "affinity" not in spec
    for container in containers(workload(kind)):
        assert container["image"] == f"{IMAGE}:{VERSION}"
        # With a path, the signposts of an image without its index would not be followed (docs/containers.md).
        assert "command" not in container
        assert "PIXELZX_PLATFORM" not in {variable["name"] for variable in container.get("env", [])}


def overlaid(folder, kubectl="1.20", part="", patch=PIN):
    """The resources of an overlay."""
    (folder / "base").symlink_to(FOLDER)
    (folder / "mine").mkdir()
    others = "bases" if kubectl == "1.20" else "resources"
    (folder / "mine/patch.yaml").write_text(patch)
    (folder / "mine/kustomization.yaml").write_text(
        OVERLAY.format(others=others, part=f"../base/{part}", image=IMAGE, more="" if part else PATCHED))
    return resources(kubectl, folder / "mine")


@each_kubectl
@pytest.mark.parametrize("part", ["", "begin", "doctor"])
def test_overlay(tmp_path, kubectl, part):
    items = overlaid(tmp_path, kubectl, part)
    (item,) = [item for item in items if item["kind"] in WORKLOADS]
    assert {container["image"] for container in containers(item)} == {f"{IMAGE}:1.0.1"}
    if part:
        return
    settings = find(items, "ConfigMap")
    assert settings["data"] == {**find(resources(kubectl), "ConfigMap")["data"], "PIXELZX_NETWORK": "testnet",
                                "PIXELZX_LOG_LEVEL": "debug"}
    # Other settings, another name: the pod changes with them.
    assert settings["metadata"]["name"] != find(resources(kubectl), "ConfigMap")["metadata"]["name"]
    spec = item["spec"]["template"]["spec"]
    assert containers(item)[0]["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
    assert spec["nodeSelector"] == {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"}


# ---- the schemas of Kubernetes and of the Prometheus operator ----


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    """A function: what the schemas have against resources."""
    folder = javascript.prepared("kubernetes", tmp_path_factory.mktemp("schemas"))

    def check(items):
        (folder / "items.json").write_text(json.dumps(items))
        with open(folder / "items.json") as file:
            result = javascript.node(folder / "check.mjs", stdin=file)
        assert result.status == bool(result.out) and not result.err, result
        return result.out.splitlines()

    return check


def test_schemas(faults):
    items = [item for part in PARTS for item in resources(folder=FOLDER / part)]
    assert {item["kind"] for item in items} == {
        "ConfigMap", "DaemonSet", "Job", "NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "Service", "ServiceMonitor",
        "StatefulSet"}
    assert faults(items) == []


def test_schemas_know_every_field(faults):
    """A mistake in each resource: a field that is misspelt, and a wrong value."""
    text = "---\n".join(render("1.20", FOLDER / part) for part in PARTS)
    mistakes = {"failureThreshold: 1800": "failuresThreshold: 1800", "terminationMessagePolicy": "terminationMessagesPolicy",
                "backoffLimit: 0": "backoffLimit: none", "publishNotReadyAddresses": "publishUnreadyAddresses",
                "maxUnavailable: 0": "maxUnavailable: 0\n  minavailable: 1", "policyTypes": "policyType",
                "interval: 15s": "intervall: 15s", "podMetricsEndpoints": "podMetricEndpoints"}
    for right, mistake in mistakes.items():
        assert text.count(right) == 1, right
        text = text.replace(right, mistake)
    found = "\n".join(faults(list(yaml.safe_load_all(text))))
    for word in ("failuresThreshold", "terminationMessagesPolicy", "backoffLimit", "publishUnreadyAddresses", "minavailable",
                 "policyType", "intervall", "podMetricEndpoints"):
        assert re.search(rf"\b{word}\b", found), found


# ---- pods ----


@pytest.fixture(scope="module")
def podman_with_image(podman, make_image):
    engines.require("catatonit")
    podman("load", "--input", make_image("--single", NATIVE.name, "--name", f"{IMAGE}:{VERSION}"))
    return podman


def settings(kind, **data):
    """The ConfigMap of a workload, with other values."""
    config = copy.deepcopy(find(resources(folder=FOLDER / WORKLOADS[kind]), "ConfigMap"))
    config["data"].update(data)
    return config


def probe(pod, resource, name):
    """Asks as the kubelet does. The answer, if it is 200."""
    container = containers(resource)[-1]
    request = container[name]["httpGet"]
    (port,) = [port["containerPort"] for port in container["ports"] if port["name"] == request["port"]]
    return pod.podman.room.run("busybox", "wget", "-q", "-O", "-", f"http://127.0.0.1:{port}{request['path']}").out


def check_confined(pod, name):
    """The program of a running container is what the security context says."""
    engines.check_confined(engines.status_words(pod.proc(name, "status")))
    (root,) = [line.split() for line in pod.proc(name, "mountinfo").splitlines() if line.split()[4] == "/"]
    assert "ro" in root[5].split(",")


def trace(pod, name):
    """That of the launcher."""
    (line,) = [line for line in pod.logs(name).splitlines() if line.startswith('{"') and '"launcher"' in line]
    return json.loads(line)


def test_node(podman_with_image, open_path):
    """On devnet, whose chain begins by itself. The second start takes the program out of the cache."""
    resource = workload("StatefulSet")
    for source in "unpacked", "cache":
        with Pod(podman_with_image, resource, [settings("StatefulSet", PIXELZX_NETWORK="devnet")], open_path,
                 env={"PIXELZX_TRACE": "json"}) as pod:
            for name in "startupProbe", "livenessProbe", "readinessProbe":
                wait_for(name, lambda name=name: probe(pod, resource, name), pause=0.1)
            check_confined(pod, "pixelzx")
            assert trace(pod, "pixelzx")["source"] == source


def test_cache_needs_a_folder_of_its_own(podman_with_image, open_path):
    """The volume itself, which its group can write to, is none to the launcher: the setting is needed."""
    resource = workload("StatefulSet")
    for variable in containers(resource)[0]["env"]:
        variable["value"] = variable["value"].removesuffix("/unpacked")
    with Pod(podman_with_image, resource, [settings("StatefulSet", PIXELZX_NETWORK="devnet")], open_path,
             env={"PIXELZX_TRACE": "json"}) as pod:
        wait_for("the node", lambda: probe(pod, resource, "readinessProbe"), pause=0.1)
        assert trace(pod, "pixelzx")["source"] == "memfd"


def test_begin(podman_with_image, open_path, tmp_path):
    """A chain of one's own: without it the node says what to do; the Job makes key and chain; the node makes blocks. A
    wrong ALLOC makes no key. At the end, the key is in a Secret."""
    node, job = workload("StatefulSet"), workload("Job")
    chosen = {"PIXELZX_NETWORK": "testnet"}
    secrets = {"password": "a long one\n"}

    def begin(alloc):
        pod = Pod(podman_with_image, job, [settings("Job", ALLOC=alloc, **chosen)], open_path, secrets)
        with pod:
            wait_for("the Job", lambda: pod.state("init") == "exited", pause=0.1)
            return pod.exit_status("init"), pod.logs("init")

    with Pod(podman_with_image, node, [settings("StatefulSet", **chosen)], open_path, secrets) as pod:
        wait_for("the end", lambda: pod.state("pixelzx") == "exited", pause=0.1)
        assert pod.exit_status("pixelzx") == 1 and "pixelzx init" in pod.logs("pixelzx")

    with pytest.raises(AssertionError, match="--alloc: ''"):
        begin("")
    assert not list((open_path / "keystore").iterdir())

    status, said = begin(f"{DEV_ADDRESS}=1000000")
    (key,) = (open_path / "keystore").iterdir()
    assert status == 0 and json.loads(key.read_text())["address"] in said.lower()

    with Pod(podman_with_image, node, [settings("StatefulSet", **chosen)], open_path, secrets) as pod:
        wait_for("the node", lambda: probe(pod, node, "readinessProbe"), pause=0.1)
        wait_for("a block", lambda: "block 1 0x" in pod.logs("pixelzx"), pause=0.1)
        check_confined(pod, "pixelzx")

    secrets[key.name] = key.read_text()
    node = find(overlaid(tmp_path, patch=KEYS), "StatefulSet")
    containers(node)[0]["image"] = f"{IMAGE}:{VERSION}"
    (config,) = [source["configMapRef"] for source in containers(node)[0]["envFrom"]]
    moved = settings("StatefulSet", **chosen)
    moved["metadata"] = config
    shutil.rmtree(open_path / "keystore")
    shutil.rmtree(open_path / "password")
    with Pod(podman_with_image, node, [moved], open_path, secrets) as pod:
        wait_for("the node", lambda: probe(pod, node, "readinessProbe"), pause=0.1)


def test_doctor(podman_with_image, open_path):
    """The report is in the log, and the metrics say the same."""
    resource = workload("DaemonSet")
    with Pod(podman_with_image, resource, [], open_path) as pod:
        metrics = wait_for("metrics", lambda: probe(pod, resource, "readinessProbe"), pause=0.1)
        assert probe(pod, resource, "livenessProbe")
        report = json.loads(pod.logs("doctor"))
        assert report["launch"]["slice"].startswith(NATIVE.name)
        assert f'pixelzx_doctor_launch_info{{slice="{report["launch"]["slice"]}"' in metrics
        assert re.search(rf'^pixelzx_build_info{{.*slice="{NATIVE.name}[^"]*"}} 1$', metrics, re.MULTILINE)
        assert re.search(r"^pixelzx_launch_seconds \d", metrics, re.MULTILINE)
        assert 'pixelzx_doctor_findings{severity="error"} 0\n' in metrics
        assert "error" not in {finding["severity"] for finding in report["findings"]}
        assert report["launch"]["caches"] == [
            {"path": "/var/cache/pixelzx/unpacked", "usable": True, "reason": None}]
        check_confined(pod, "doctor")


def test_doctor_where_nothing_starts(podman_with_image, open_path):
    """Then there are no metrics: the target is down."""
    resource = workload("DaemonSet")
    with Pod(podman_with_image, resource, [], open_path, env={"PIXELZX_PLATFORM": "linux/amd64/v99"}) as pod:
        wait_for("the end", lambda: pod.state("doctor") == "exited", pause=0.1)
        assert pod.exit_status("doctor") == 126
        # What the kubelet would show of it.
        assert "[PZX-109]" in pod.logs("doctor")[-2048:]
