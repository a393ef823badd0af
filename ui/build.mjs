// Builds the page into `dist`: `npm ci && npm run build`. README.md describes the files and the reasons.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

process.chdir(import.meta.dirname);

const MONACO = "monaco-editor/esm/vs";
const LICENCES_PREFACE = `The files of this folder contain code and fonts of the packages below.

The icon font codicon.ttf, which monaco-editor brings, is by Microsoft (https://github.com/microsoft/vscode-codicons) and licensed under
CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); it is unchanged.`;

const PAGE = { page: "src/page.jsx" };
const WORKERS = {
  "editor.worker": `${MONACO}/editor/editor.worker.js`,
  "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  "json.worker": `${MONACO}/language/json/json.worker.js`,
};

const PAGE_REPLACEMENTS = [
  [/^monaco-editor\/esm\/vs\/editor\/edcore\.main(\.js)?$/, "src/editor.js"],
  [/^prettier\/standalone$/, "src/prettier.js"],
  [/^prettier\/(parser-babel|plugins\/estree)$/, "src/nothing.js"],
  [/^prettier\/standalone\.mjs$/, "node_modules/prettier/standalone.mjs"],
];
// The page's "prettify" does the formatting. The editor's own "format document", which would format in the worker, is not part of `editor.js`.
const WORKER_REPLACEMENTS = [[/^prettier\/(standalone|parser-graphql)$/, "src/nothing.js"]];

/** Replaces large modules of which the page uses little with our smaller ones. Fails if nothing was replaced. */
function replaceModules(replacements) {
  return {
    name: "replace-modules",
    setup({ onResolve, onEnd }) {
      const used = new Set();
      for (const [filter, file] of replacements) {
        onResolve({ filter }, () => {
          used.add(file);
          return { path: path.resolve(file) };
        });
      }
      onEnd(() => ({
        errors: replacements.filter(([, file]) => !used.has(file)).map(([, file]) => ({ text: `nothing was replaced by ${file}` })),
      }));
    },
  };
}

function bundle(entryPoints, replacements, options) {
  return build({
    entryPoints,
    outdir: "dist/assets",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".ttf": "file", ".woff2": "file" },
    assetNames: "[name]",
    chunkNames: "shared.worker-[hash]",
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [replaceModules(replacements)],
    ...options,
  });
}

/** The folders of the packages that contributed at least one byte to the output. */
function bundledPackages(bundles) {
  const outputs = bundles.flatMap(({ metafile }) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0));
  const folders = inputs.flatMap(([file]) => file.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

function readPackage(folder) {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const names = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file));
  const texts = names.sort().map((file) => readFileSync(path.join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  const source = (repository?.url ?? repository ?? "").replace(/^git\+/, "").replace(/\.git$/, "");
  return { title: `${name} ${version} (${license})`, license, author: author?.name ?? author, source, text: texts.join("\n\n") };
}

/** Some packages are published without the licence file of their repository: use that of a package from the same repository, or the known terms. */
function licenceText(pkg, packages) {
  if (pkg.text) return pkg.text;
  const sibling = packages.find(({ text, source, license }) => text && source === pkg.source && license === pkg.license);
  if (sibling) return sibling.text;
  if (pkg.license !== "MIT") throw new Error(`${pkg.title} has no licence text`);
  const terms = packages.map(({ text }) => text.match(/^Permission is hereby granted, free of charge[^]*?OTHER DEALINGS IN THE\s+SOFTWARE\.$/m)?.[0]);
  return `MIT License\n\nCopyright (c) ${pkg.author ?? `the authors of ${pkg.source}`}\n\n${terms.find(Boolean)}`;
}

/** Each licence text once, below the names of the packages that it covers. */
function licences(bundles) {
  const titles = new Map();
  const packages = bundledPackages(bundles).map(readPackage);
  for (const pkg of packages) {
    const text = licenceText(pkg, packages);
    titles.set(text, [...(titles.get(text) ?? []), pkg.title]);
  }
  const parts = [...titles].map(([text, covered]) => `${[...new Set(covered)].join("\n")}\n\n${text}\n`);
  return `${LICENCES_PREFACE}\n\n${parts.join(`\n${"=".repeat(80)}\n\n`)}`;
}

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

/** Fonts in WOFF2 are compressed already; anything else that is not tiny becomes smaller. */
function stored(file, bytes) {
  return /\.(js|css|ttf)$/.test(file) ? [`${file}.br`, brotli(bytes)] : [file, bytes];
}

// The page is one file, so that it loads in one request; the workers share their common code.
const bundles = [await bundle(PAGE, PAGE_REPLACEMENTS), await bundle(WORKERS, WORKER_REPLACEMENTS, { splitting: true })];
const outputFiles = bundles.flatMap((result) => result.outputFiles);
const files = new Map([
  ["LICENSES", licences(bundles)],
  ["index.html", await readFile("src/index.html")],
  ["assets/favicon.svg", await readFile("src/favicon.svg")],
  ...outputFiles.map((file) => stored(path.relative("dist", file.path), file.contents)),
]);

await rm("dist", { recursive: true, force: true });
await mkdir("dist/assets", { recursive: true });
const sums = [];
for (const [file, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
  await writeFile(path.join("dist", file), bytes);
  sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${file}\n`);
  console.log(`${String(bytes.length).padStart(9)}  ${file}`);
}
await writeFile("dist/SHA256SUMS", sums.join(""));
const uncompressed = outputFiles.reduce((total, { contents }) => total + contents.length, 0);
console.log(`${String(uncompressed).padStart(9)}  assets before compression`);
