# SPDX-License-Identifier: Apache-2.0
"""The resources of packaging/kubernetes, as kubectl's kustomize renders them, and pods of them under podman."""

import copy
import json
import os
import re

import support
import yaml
from support import NATIVE, SOURCE

FOLDER = SOURCE / "packaging/kubernetes"
# Those of Debian 12 (with kustomize 2.0) and 13 (with kustomize 5).
KUBECTL = {"1.20": ("bookworm", "kubernetes-client"), "1.32": ("trixie", "kubectl")}
USER = 1000


def kubectl(version):
    """The program."""
    suite, package = KUBECTL[version]
    return support.fetched(suite, NATIVE.debian, package) / "usr/bin/kubectl"


def render(version, folder=FOLDER):
    """The resources as text."""
    return support.run([kubectl(version), "kustomize", folder]).expect().out


def resources(version="1.20", folder=FOLDER):
    return list(yaml.safe_load_all(render(version, folder)))


def find(items, kind, name=None):
    """The resource of that kind (and name)."""
    (found,) = [item for item in items if item["kind"] == kind and name in (None, item["metadata"]["name"])]
    return found


def containers(resource):
    """All of a workload, those of its beginning first."""
    spec = resource["spec"]["template"]["spec"]
    return spec.get("initContainers", []) + spec["containers"]


class Pod:
    """A pod out of a workload's template, for podman, which has no kubelet around it. So what that does is done here: the
    volumes' folders, with the group and the modes that it gives them because of fsGroup, and variables in arguments; and
    the tests do what its probes do. The rest is the template's, but that it shares the room's loopback network."""

    def __init__(self, podman, resource, settings, folder, secrets=(), env=None):
        """`settings`: the ConfigMaps; `folder`: of the volumes, which outlives the pod; `secrets`: name → text of the files
        of every Secret; `env`: more variables for all containers."""
        self.podman, self.folder = podman, folder
        resource = copy.deepcopy(resource)
        self.name = resource["metadata"]["name"]
        spec = resource["spec"]["template"]["spec"]
        self.names = [container["name"] for container in containers(resource)]
        spec["hostNetwork"] = True
        spec["restartPolicy"] = "Never"
        for container in containers(resource):
            for probe in "startupProbe", "readinessProbe", "livenessProbe":
                container.pop(probe, None)
            container.pop("ports", None)
            # Podman 4.3 leaves $(NAME) as it is.
            container["args"] = [re.sub(r"\$\((\w+)\)", lambda name: settings[0]["data"][name[1]], word)
                                 for word in container["args"]]
            container["env"] = container.get("env", []) + [
                {"name": name, "value": value} for name, value in (env or {}).items()]
        claims = [{"name": claim["metadata"]["name"], "persistentVolumeClaim": {}}
                  for claim in resource["spec"].get("volumeClaimTemplates", [])]
        spec["volumes"] = [self._volume(volume, dict(secrets)) for volume in spec["volumes"] + claims]
        # Else podman removes an init container, and what it has said.
        metadata = {"name": self.name, "annotations": {"io.podman.annotations.init.container.type": "always"}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        self.file = folder / f"{self.name}.yaml"
        self.file.write_text(yaml.safe_dump_all([*settings, pod]))

    def _volume(self, volume, secrets):
        claim = volume.get("persistentVolumeClaim", {}).get("claimName", volume["name"])
        path = self.folder / claim.removesuffix("-pixelzx-0")
        if not path.exists():
            path.mkdir()
            if "secret" in volume:
                # Files of a Secret are links, through one that is replaced when they change.
                (path / "..1").mkdir()
                (path / "..data").symlink_to("..1")
                for name, text in secrets.items():
                    (path / name).symlink_to(f"..data/{name}")
                    (path / name).write_text(text)
                    os.chown(path / name, 0, USER)
                    (path / name).chmod(volume["secret"]["defaultMode"])
            os.chown(path, 0, USER)
            path.chmod(0o2777 if "emptyDir" in volume else 0o2775)
        return {"name": volume["name"], "hostPath": {"path": os.fspath(path), "type": "Directory"}}

    def __enter__(self):
        started = self.start()
        if started.status != 0:
            said = [self.podman.room.run(*self.podman.command, "logs", self.container(name)) for name in self.names]
            self.remove()
            raise AssertionError(started.err + "".join(result.out + result.err for result in said))
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        self.podman.room.run(*self.podman.command, "pod", "rm", "--force", "--time=20", self.name)

    def start(self):
        return self.podman.room.run(*self.podman.command, "play", "kube", self.file)

    def container(self, name):
        return f"{self.name}-{name}"

    def inspect(self, name):
        return json.loads(self.podman("inspect", self.container(name)).out)[0]

    def state(self, name):
        return self.inspect(name)["State"]["Status"]

    def exit_status(self, name):
        return self.inspect(name)["State"]["ExitCode"]

    def logs(self, name):
        result = self.podman("logs", self.container(name))
        return result.out + result.err

    def proc(self, name, file):
        """/proc/PID/`file` of a container's program."""
        return self.podman.room.run("cat", f"/proc/{self.inspect(name)['State']['Pid']}/{file}").expect().out
