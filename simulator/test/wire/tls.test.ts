import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaults } from '../../wire/faults.ts';
import { startServer, type RunningServer } from '../../wire/server.ts';
import { loadTls } from '../../wire/tls.ts';

let folder: string;
let server: RunningServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** Returns the output of a process that trusts the certificates in the variables. */
async function fetched(url: string, env: Record<string, string>): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `fetch(${JSON.stringify(url)}).then(async (a) => console.log(a.status, await a.text()), ` +
        '(e) => console.log(e.cause.code))',
    ],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  return said.trim();
}

test("only a process with the simulator's authority trusts its servers, by number and by name", async () => {
  const tls = await loadTls(folder);
  server = await startServer({
    service: 'arm',
    handler: () => ({ status: 200, body: 'trusted' }),
    faults: createFaults(),
    port: 0,
    tls,
  });
  expect(server.url).toMatch(/^https:/);
  const trusting = { NODE_EXTRA_CA_CERTS: tls.caFile };
  expect(await fetched(server.url, trusting)).toBe('200 trusted');
  expect(await fetched(`https://localhost:${server.port}`, trusting)).toBe('200 trusted');
  // OpenSSL's word for "not trusted" depends on the machine's other trusted certificates.
  expect(await fetched(server.url, {})).toMatch(/^(UNABLE_TO_|SELF_SIGNED_|CERT_SIGNATURE_FAILURE)/);
});

test('is kept in files that only their owner may read', async () => {
  const first = await loadTls(folder);
  expect(await loadTls(folder)).toEqual(first);
  expect(statSync(join(folder, 'server.key')).mode & 0o777).toBe(0o600);
});

test('is a well-formed certificate: issued by the authority, for a server only', async () => {
  const tls = await loadTls(folder);
  const [certificate, authority] = [
    new X509Certificate(tls.cert),
    new X509Certificate(readFileSync(tls.caFile)),
  ];
  expect(certificate.checkIssued(authority)).toBe(true);
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect([
    certificate.checkHost('localhost'),
    certificate.checkHost('else'),
    certificate.checkIP('127.0.0.1'),
  ]).toEqual(['localhost', undefined, '127.0.0.1']);
  expect(certificate.validToDate.getTime() - Date.now()).toBeGreaterThan(5 * 365 * 24 * 3_600_000);
});

test('is created again when its parts do not match', async () => {
  const first = await loadTls(folder);
  const other = mkdtempSync(join(tmpdir(), 'tls-'));
  writeFileSync(join(folder, 'server.key'), (await loadTls(other)).key);
  rmSync(other, { recursive: true });
  const second = await loadTls(folder);
  expect(second.cert).not.toBe(first.cert);
  writeFileSync(second.caFile, 'nonsense');
  expect((await loadTls(folder)).cert).not.toBe(second.cert);
});
