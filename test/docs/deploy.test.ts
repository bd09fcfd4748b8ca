// Checks the form of the deploy commands, because running them needs Azure. Files, parameters and
// outputs must exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTE_ROLES } from '../../shared/access/roles.ts';

const root = join(import.meta.dirname, '..', '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = text('README.md');
const page = text('docs/deploy.md');
const [, inAzure = ''] = /## In Azure\n(.*?)\n## /s.exec(readme) ?? [];
const linesOf = (document: string): string[] =>
  [...document.matchAll(/```sh\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line !== '' && !line.startsWith('#'));
const lines = [...linesOf(inAzure), ...linesOf(page)];

const namesOf = (kind: 'param' | 'output', file: string): string[] =>
  [...text(file).matchAll(new RegExp(`^${kind} (\\w+) `, 'gm'))].map(([, name = '']) => name);
const requiredOf = (file: string): string[] =>
  [...text(file).matchAll(/^param (\w+) (?!.* = )/gm)].map(([, name = '']) => name);

interface Deployment {
  readonly name: string;
  readonly file: string;
  readonly given: readonly string[];
}
const deploymentIn = (line: string): Deployment | undefined => {
  const [, name, file, parameters] =
    /^az deployment group create .*-n (\S+) .*--template-file (\S+) +--parameters (.*)$/.exec(line) ?? [];
  return name && file && parameters
    ? { name, file, given: [...parameters.matchAll(/(?:^|\s)(\w+)=/g)].map(([, entry = '']) => entry) }
    : undefined;
};
const deployments = lines.flatMap((line) => deploymentIn(line) ?? []);

test('each deployment names an existing template and all its parameters without a default (1.8)', () => {
  expect(deployments.map(({ file }) => file)).toEqual(['infra/entra.bicep', 'infra/main.bicep']);
  expect(lines.filter((line) => line.includes('--template-file'))).toHaveLength(deployments.length);
  for (const { file, given } of deployments) {
    expect(existsSync(join(root, file))).toBe(true);
    expect(namesOf('param', file)).toEqual(expect.arrayContaining([...given]));
    expect(given).toEqual(expect.arrayContaining(requiredOf(file)));
  }
  expect(requiredOf('infra/main.bicep')).toEqual([
    'clientId',
    'identifierUri',
    'applicationObjectId',
    'vaults',
  ]);
});

test('each output belongs to the named deployment, and the commands read it after the deployment', () => {
  const made = new Map<string, string>();
  let asked = 0;
  for (const line of lines) {
    for (const [, deployment = '', output] of line.matchAll(/\$\(of (\S+) (\w+)\)/g)) {
      asked += 1;
      expect(namesOf('output', made.get(deployment) ?? 'infra/vault-access.bicep')).toContain(output);
    }
    const { name, file } = deploymentIn(line) ?? {};
    if (name && file) made.set(name, file);
  }
  expect(asked).toBeGreaterThan(8);
  expect(lines[2]).toMatch(
    /^of\(\) \{ az deployment group show .*-n "\$1" --query "properties\.outputs\.\$2\.value"/,
  );
});

test('the page lists every parameter and every output of the two templates, and no others', () => {
  for (const [heading, file] of [
    ['The sign-in', 'infra/entra.bicep'],
    ['The rest', 'infra/main.bicep'],
  ] as const) {
    const [, section = ''] = new RegExp(`## ${heading}: .*?\\n(.*?)\\n## `, 's').exec(page) ?? [];
    const shown = [...section.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
    expect(shown.sort()).toEqual(namesOf('param', file).sort());
    for (const output of namesOf('output', file)) expect(section).toContain(`\`${output}\``);
  }
});

test('the zip contains the build output, and the secrets match the settings that the app reads', () => {
  const [, zipped = ''] = /zip -qr \S+ ([^)]+)\)/.exec(lines.join('\n')) ?? [];
  expect(zipped.split(' ')).toEqual(['host.json', 'package.json', 'app']);
  for (const name of zipped.split(' ')) expect(existsSync(join(root, 'dist', name))).toBe(true);
  const put = lines.flatMap((line) => /^az keyvault secret set .* -n (\S+) --value/.exec(line)?.[1] ?? []);
  expect(put.sort()).toEqual(
    [...text('infra/main.bicep').matchAll(/SecretName=([\w-]+)\)/g)].map(([, name]) => name).sort(),
  );
});

test('the role in the commands may send the first request', () => {
  const [, role = ''] = /\\"role\\":\\"(\w+)\\"/.exec(inAzure) ?? [];
  const [, path = ''] = /curl -s \$\(of lifeboat address\)(\S+) /.exec(inAzure) ?? [];
  expect(ROUTE_ROLES[`GET ${path}` as keyof typeof ROUTE_ROLES]).toContain(role);
});
