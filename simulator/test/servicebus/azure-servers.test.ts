// Service Bus among the Azure servers: at its address, with a key that only its file contains.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { startAzureServers, type AzureServersOptions } from '../../azure/start-azure-servers.ts';
import { connectionString, loadServiceBusKeys } from '../../servicebus/keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-azure-servers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const agreement = join(folder, 'agreement.json');
const options: AzureServersOptions = {
  data: join(folder, 'data'),
  clock: 'real',
  participants: [],
  environment: 'contoso',
  cosmosRanges: 1,
  containers: agreement,
};
const agree = (serviceBus?: unknown): void =>
  writeFileSync(
    agreement,
    JSON.stringify({ database: 'd', containers: [], ...(serviceBus !== undefined && { serviceBus }) }),
  );

async function meet<T>(act: (client: ServiceBusClient, address: string) => Promise<T>): Promise<T> {
  const azureServers = await startAzureServers(options);
  const keys = loadServiceBusKeys(join(options.data, 'servicebus-keys.json'));
  const client = new ServiceBusClient(
    connectionString(Number(new URL(azureServers.addresses.serviceBus).port), keys),
    { retryOptions: { maxRetries: 0 } },
  );
  try {
    return await act(client, azureServers.addresses.serviceBus);
  } finally {
    await client.close();
    await azureServers.close();
  }
}

test('git ignores the data folder under any name', async () => {
  agree();
  await (await startAzureServers(options)).close();
  execFileSync('git', ['init', '--quiet', folder]);
  const status = execFileSync('git', ['-C', folder, 'status', '--porcelain', '--untracked-files=all']);
  expect(status.toString()).toBe('?? agreement.json\n');
});

test('a sent message survives a restart, at the same address', async () => {
  agree({ queues: [{ name: 'commands' }] });
  const first = await meet(async (client, address) => {
    await client.createSender('commands').sendMessages({ body: 'kept' });
    return address;
  });
  expect(first).toMatch(/^sb:\/\/127\.0\.0\.1:\d+$/);
  await meet(async (client, address) => {
    expect(address).toBe(first);
    expect(await client.createReceiver('commands').peekMessages(2)).toMatchObject([{ body: 'kept' }]);
  });
  const { mode } = statSync(join(options.data, 'servicebus-keys.json'));
  expect(mode & 0o777).toBe(0o600);
  expect(readFileSync(join(options.data, 'addresses.json'), 'utf8')).not.toContain(
    loadServiceBusKeys(join(options.data, 'servicebus-keys.json'))[0].key,
  );
});

test('without an agreement there are no queues', async () => {
  agree();
  await meet(async (client) => {
    await expect(client.createSender('commands').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
  });
});

test('an invalid agreement gives an error', async () => {
  agree({ queues: [{ name: 'commands', lockDuration: 'a minute' }] });
  await expect(startAzureServers(options)).rejects.toThrow(
    /queues and topics are not understood[^]*lockDuration/,
  );
});
