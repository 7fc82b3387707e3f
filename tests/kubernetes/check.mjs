// SPDX-License-Identifier: Apache-2.0
//
// Compares resources, a JSON array on standard input, with the schemas of Kubernetes and of the Prometheus operator, as the
// packages kubernetes-models have them from the official OpenAPI: their validators know ranges and formats, their types know
// all fields, so that the compiler refuses any other. Prints what is wrong, a line each, and then leaves with 1.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const OPERATOR = "monitoring.coreos.com";
const resources = JSON.parse(readFileSync(0));
const faults = [];
let text = "";
for (const [number, resource] of resources.entries()) {
  const { apiVersion, kind } = resource;
  const library = apiVersion.startsWith(OPERATOR) ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
  const path = `${library}/${apiVersion}/${kind}`;
  try {
    const model = new (await import(path))[kind](resource);
    model.validate();
  } catch (error) {
    faults.push(`${kind}: ${error.message}`);
  }
  text += `import type { I${kind} as T${number} } from "${path}";\n`;
  text += `const r${number}: T${number} = ${JSON.stringify(resource, null, 1)};\n`;
}

const name = fileURLToPath(new URL("resources.mts", import.meta.url));
const options = {
  noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [],
};
const host = ts.createCompilerHost(options);
const onDisk = { fileExists: host.fileExists, readFile: host.readFile };
host.fileExists = (file) => file === name || onDisk.fileExists(file);
host.readFile = (file) => (file === name ? text : onDisk.readFile(file));
for (const { messageText } of ts.getPreEmitDiagnostics(ts.createProgram([name], options, host))) {
  faults.push(ts.flattenDiagnosticMessageText(messageText, " "));
}
faults.forEach((fault) => console.log(fault));
process.exitCode = faults.length === 0 ? 0 : 1;
