// Builds and lints infra/*.bicep with the real compiler, then evaluates deployments offline. Every
// warning is a failure.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkDeployments } from './bicep-deployments.ts';
import { buildGraphTypes } from './graph-types.ts';
import { dotnetVersion, DOTNET_ENVIRONMENT } from '../simulator/host/real-durable/dotnet.ts';

const VERSION = '0.49.2';
const ROOT = resolve(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'bicep');
const PLATFORM_NAMES: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'osx', win32: 'win' };
const QUIET_ENVIRONMENT = { ...process.env, ...DOTNET_ENVIRONMENT };

/** The compiler. NuGet restores it on the first use. */
function restoreCompiler(dotnet: string): string {
  const name = `Azure.Bicep.CommandLine.${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const tools = join(CACHE, 'packages', name.toLowerCase(), VERSION, 'tools');
  const file = join(tools, process.platform === 'win32' ? 'bicep.exe' : 'bicep');
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(
    join(CACHE, 'compiler.csproj'),
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net${dotnet}.0</TargetFramework>
    <RestorePackagesPath>packages</RestorePackagesPath>
  </PropertyGroup>
  <ItemGroup><PackageDownload Include="${name}" Version="[${VERSION}]" /></ItemGroup>
</Project>
`,
  );
  execFileSync('dotnet', ['restore', 'compiler.csproj', '--verbosity', 'quiet'], {
    cwd: CACHE,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: QUIET_ENVIRONMENT,
  });
  return file;
}

/** A copy of infra/ with our own types in place of the Graph extension. */
function copyWithGraphTypes(bicep: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-bicep-'));
  cpSync(join(ROOT, 'infra'), folder, { recursive: true });
  const { index, types } = buildGraphTypes();
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'types.json'), JSON.stringify(types));
  execFileSync(bicep, ['publish-extension', 'index.json', '--target', './graph.tgz'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const config = join(folder, 'bicepconfig.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/"br:[^"]*"/, '"./graph.tgz"'));
  return folder;
}

/** The messages of the compiler and the linter; empty when there is no problem. */
function compilerErrors(bicep: string, folder: string): string[] {
  const { status, stderr } = spawnSync(bicep, ['build', '--pattern', './*.bicep', '--outdir', './built'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return status === 0 && stderr.trim() === ''
    ? []
    : [stderr.trim() || `bicep build ended with ${status ?? 'a signal'}.`];
}

function checkBicep(bicep: string): readonly string[] {
  const copy = copyWithGraphTypes(bicep);
  try {
    const errors = compilerErrors(bicep, copy);
    if (errors.length > 0) return errors;
    const files = readdirSync(copy).filter((file) => file.endsWith('.bicep'));
    console.log(
      `Bicep ${VERSION} builds and lints ${files.join(', ')}; entra.bicep with the types of ` +
        'scripts/graph-types.ts.',
    );
    return checkDeployments(bicep, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const dotnet = dotnetVersion();
if (dotnet === undefined) {
  console.log(
    'Skipped Bicep: the compiler needs the .NET SDK, and this machine has no ' +
      '`dotnet`. infra/*.bicep is unchecked.',
  );
} else {
  const errors = checkBicep(restoreCompiler(dotnet));
  for (const error of errors) console.error(error);
  process.exitCode = errors.length > 0 ? 1 : 0;
}
