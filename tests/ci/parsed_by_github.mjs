// Has GitHub's own parser read actions and workflows, with their expressions, and prints what it says of each, as JSON.
// Called with the folder of @actions/workflow-parser, and the files; those of actions are called action.yml.
import fs from "node:fs";
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// The package is made for bundlers, which take JSON for a module.
const hook = `import fs from "node:fs"; import { fileURLToPath } from "node:url";
export const load = (url, context, next) => url.endsWith(".json")
  ? { format: "module", shortCircuit: true, source: "export default " + fs.readFileSync(fileURLToPath(url), "utf8") }
  : next(url, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const [folder, ...files] = process.argv.slice(2);
const part = (name) => import(pathToFileURL(path.join(folder, "dist", name)));
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await part("index.js");
const { parseAction } = await part("actions/action-parser.js");
const trace = new NoOperationTraceWriter();
const said = {};
for (const name of files) {
  const file = { name: path.basename(name), content: fs.readFileSync(name, "utf8") };
  const isAction = file.name === "action.yml";
  const parsed = isAction ? parseAction(file, trace) : parseWorkflow(file, trace);
  if (!isAction && parsed.value) await convertWorkflowTemplate(parsed.context, parsed.value);
  said[name] = parsed.context.errors.getErrors().map((one) => one.message);
}
process.stdout.write(JSON.stringify(said));
