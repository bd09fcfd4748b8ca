// Commands by a queue work like REST commands. Each runs once, however often and wherever it comes,
// and each refusal gets a reply.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { serviceBusConnection } from '../../simulator/simulator.ts';
import { findPrincipal } from '../../simulator/identity/directory.ts';
import type { ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import { commandFor } from '../chaos/run-with-kills.ts';
import { openDatabase } from '../support/event-environment.ts';
import { configureProcessAsApp } from '../support/simulated-store.ts';
import {
  startTestEnvironment,
  withFault,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';

const COMMANDS = 'dr-commands';
const REFUSED = 'dr-commands-refused';
const OTHERS = 'others-commands';
/** Service Bus may deliver its messages any number of times. */
const PATIENT = 'patient-commands';
const idOf = (name: string): string => findPrincipal(name)?.objectId ?? '';
const QUEUES = [
  { queue: COMMANDS, callerId: idOf('operator'), name: 'ticketing', role: 'Operator' },
  { queue: OTHERS, callerId: idOf('reader'), name: 'onlooker', role: 'Reader' },
  { queue: PATIENT, callerId: idOf('contributor'), name: 'patient', role: 'Contributor' },
];

let folder: string;
let environment: TestEnvironment;
let client: ServiceBusClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-queues-'));
  const [first, ...rest] = agreement.serviceBus.queues;
  const queues = [
    { ...first, maxDeliveryCount: 3, lockDuration: 'PT2S' },
    ...rest,
    { ...first, name: OTHERS },
    { ...first, name: PATIENT, maxDeliveryCount: 100 },
  ];
  writeFileSync(
    join(folder, 'agreement.json'),
    JSON.stringify({ ...agreement, serviceBus: { ...agreement.serviceBus, queues } }),
  );
  environment = await startTestEnvironment(7, {
    cosmosRanges: 3,
    agreement: join(folder, 'agreement.json'),
    env: { LIFEBOAT_QUEUES: JSON.stringify(QUEUES), LIFEBOAT_QUEUE_PAUSE_SECONDS: '0.05' },
  });
  configureProcessAsApp(environment.simulator.addresses, environment.simulator.data);
  client = new ServiceBusClient(
    serviceBusConnection(environment.simulator.data, environment.simulator.addresses),
  );
});
afterAll(async () => {
  await client.close();
  await environment.simulator.stop();
  rmSync(folder, { recursive: true });
});

async function send(
  body: unknown,
  messageId: string = randomUUID(),
  queue = COMMANDS,
  more: object = {},
): Promise<string> {
  const sender = client.createSender(queue);
  await sender.sendMessages({ body, messageId, ...more });
  await sender.close();
  return messageId;
}

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly body: unknown;
  readonly messageId: string;
  readonly queue: string;
  readonly sender: { readonly id: string; readonly name: string };
}

/** Receives and removes the messages of a queue. */
async function receiveMessages(
  queue: string,
  count: number,
  subQueueType?: 'deadLetter',
): Promise<readonly ServiceBusReceivedMessage[]> {
  const receiver = client.createReceiver(queue, {
    receiveMode: 'receiveAndDelete',
    ...(subQueueType && { subQueueType }),
  });
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count, { maxWaitTimeInMs: 20_000 });
    if (more.length === 0) throw new Error(`${queue} has ${messages.length} messages, not ${count}.`);
    messages.push(...more);
  }
  const extraMessages = await receiver.receiveMessages(1, { maxWaitTimeInMs: 200 });
  expect(extraMessages).toEqual([]);
  await receiver.close();
  return messages;
}

async function refusal(): Promise<Refused> {
  const [message] = await receiveMessages(REFUSED, 1);
  const body = message?.body as Refused;
  expect(message).toMatchObject({
    subject: body.code,
    correlationId: body.messageId,
    applicationProperties: { code: body.code, queue: body.queue, sender: body.sender.name },
  });
  return body;
}

interface Kept {
  readonly jobId: string;
  readonly caller: { readonly id: string; readonly door: string; readonly name: string };
}
const jobsBy = async (ticket: string): Promise<readonly Kept[]> =>
  (
    await openDatabase(environment.simulator)
      .container('jobs')
      .items.query<Kept>({
        query: "SELECT * FROM c WHERE c.type = 'job' AND c.command.ticket = @ticket",
        parameters: [{ name: '@ticket', value: ticket }],
      })
      .fetchAll()
  ).resources;
const jobBy = (ticket: string): Promise<Kept> =>
  environment.lifeboat.waitFor(async () => (await jobsBy(ticket))[0], `the job of ${ticket}`);

/** A new connection each time: within one connection, a peek continues after the last one. */
async function isEmpty(queue: string): Promise<boolean> {
  const fresh = new ServiceBusClient(
    serviceBusConnection(environment.simulator.data, environment.simulator.addresses),
  );
  const messages = await fresh.createReceiver(queue).peekMessages(1);
  await fresh.close();
  return messages.length === 0;
}
const emptied = (queue: string) =>
  environment.lifeboat.waitFor(async () => (await isEmpty(queue)) || undefined, `the end of ${queue}`);

test('a repeated command makes the same job by queue and by REST [TRG-2]', async () => {
  const vms = environment.vms.slice(0, 1);
  const command = { ...commandFor('failover', vms), ticket: 'CHG-100' };
  const id = await send(command, 'CHG-100');
  const { jobId, caller } = await jobBy('CHG-100');
  expect(caller).toEqual({
    id: idOf('operator'),
    name: 'ticketing',
    tenant: environment.simulator.addresses.tenant,
    roles: ['Operator'],
    door: 'queue',
  });
  expect((await environment.lifeboat.waitForJobEnd(jobId)).state).toBe('completed');
  await send(command, id);
  expect(await environment.lifeboat.send(command, id)).toMatchObject({
    status: 202,
    body: { id: jobId, state: 'completed', requestedBy: { trigger: 'queue' } },
  });
  await send({ ...command, reason: 'Another one.' }, id);
  expect(await refusal()).toMatchObject({ code: 'IdempotencyKeyReused', messageId: id });
  expect(await countSuccessfulWrites(environment.simulator, vms[0]?.name ?? '', 'unplannedFailover')).toBe(1);
});

test('the same command, twenty times at once by REST and queue, makes one job [TRG-1] [TRG-2]', async () => {
  const [vm] = environment.vms.slice(1, 2);
  if (!vm) throw new Error('No VM.');
  const command = { ...commandFor('failover', [vm]), ticket: 'CHG-200' };
  const [replies] = await Promise.all([
    Promise.all(Array.from({ length: 10 }, () => environment.lifeboat.send(command, 'CHG-200'))),
    Promise.all(Array.from({ length: 10 }, () => send(command, 'CHG-200'))),
  ]);
  const ids = new Set(replies.map(({ status, body }) => `${status} ${body.id}`));
  expect(ids.size).toBe(1);
  const { jobId } = await jobBy('CHG-200');
  expect([...ids]).toEqual([`202 ${jobId}`]);
  expect((await environment.lifeboat.waitForJobEnd(jobId)).state).toBe('completed');
  await emptied(COMMANDS);
  expect((await jobsBy('CHG-200')).map((job) => job.jobId)).toEqual([jobId]);
  expect(await isEmpty(REFUSED)).toBe(true);
  expect(await countSuccessfulWrites(environment.simulator, vm.name, 'unplannedFailover')).toBe(1);
});

test('the queue refuses each wrong or forbidden command once, with its reason [TRG-2] [RBAC-1]', async () => {
  const [vm] = environment.vms.slice(2, 3);
  if (!vm) throw new Error('No VM.');
  const command = commandFor('failover', [vm]);
  const text = (cut: unknown) => expect.stringContaining(String(cut)) as string;
  for (const [body, code, says, queue = COMMANDS, name = 'ticketing'] of [
    ['{ "operation": ', 'NotJson', 'not a JSON object'],
    [{ operation: 'failover', vms: [] }, 'Invalid', 'vms'],
    [{ ...command, colour: 'red' }, 'Invalid', 'colour'],
    [{ operation: 'commit', vms: [vm.id] }, 'OperationNotAllowed', 'commit is not allowed now'],
    [{ operation: 'disableReplication', vms: [vm.id] }, 'RoleMissing', 'Owner or Contributor'],
    [command, 'RoleMissing', 'onlooker has the role Reader', OTHERS, 'onlooker'],
  ] as const) {
    const messageId = await send(body, `bad-${randomUUID()}`, queue, { replyTo: 'answers' });
    const refused = await refusal();
    expect(refused).toMatchObject({
      code,
      message: text(says),
      messageId,
      queue,
      sender: { name },
      body,
      bodyCut: false,
      replyTo: 'answers',
    });
    expect(refused.message).toMatch(/Nothing was started/);
  }
  for (const lossy of ['9007199254740993', '0.1', '-7']) {
    await send(command, lossy);
    expect(await refusal()).toMatchObject({ code: 'MessageIdUnusable' });
  }
  expect(await countSuccessfulWrites(environment.simulator, vm.name, 'unplannedFailover')).toBe(0);
});

test('each caller has its own keys: the same id from two senders makes two commands [TRG-2]', async () => {
  const vms = environment.vms.slice(3, 4);
  const command = { ...commandFor('failover', vms), ticket: 'CHG-300' };
  await send(command, 'CHG-300', OTHERS);
  expect(await refusal()).toMatchObject({ code: 'RoleMissing' });
  await send(command, 'CHG-300');
  expect(await jobBy('CHG-300')).toMatchObject({ caller: { name: 'ticketing' } });
});

test('a numeric message id is one key in every notation [TRG-2]', async () => {
  const command = { ...commandFor('failover', environment.vms.slice(6)), ticket: 'CHG-310' };
  await send(command, '310');
  const { jobId } = await jobBy('CHG-310');
  await send(command, '310.0');
  await send({ ...command, reason: 'Another one.' }, '3.1e2');
  expect(await refusal()).toMatchObject({ code: 'IdempotencyKeyReused', messageId: '310' });
  expect(await environment.lifeboat.send(command, '310')).toMatchObject({ status: 202, body: { id: jobId } });
  await emptied(COMMANDS);
  expect((await jobsBy('CHG-310')).map((job) => job.jobId)).toEqual([jobId]);
});

const refusals = async (messageId: string): Promise<readonly object[]> =>
  (
    await openDatabase(environment.simulator)
      .container('jobs')
      .items.query<object>({
        query: "SELECT * FROM c WHERE c.type = 'refusal' AND c.messageId = @id",
        parameters: [{ name: '@id', value: messageId }],
      })
      .fetchAll()
  ).resources;

/** Changes the registry as after a failover. */
async function showFailedOver(id: string): Promise<void> {
  const registry = openDatabase(environment.simulator).container('registry');
  const [vm] = (
    await registry.items
      .query<ReplicatedVmDocument>({
        query: 'SELECT * FROM c WHERE c.id = @id',
        parameters: [{ name: '@id', value: id }],
      })
      .fetchAll()
  ).resources;
  if (!vm) throw new Error(`No VM ${id}.`);
  const failedOver: ReplicatedVmDocument = {
    ...vm,
    seen: { ...vm.seen, activeLocation: 'Recovery', allowedOperations: ['Commit'] },
  };
  await registry.items.upsert(failedOver);
}

test('a refusal stays the same for a repeated message, and Lifeboat sends it once [TRG-2]', async () => {
  const vms = environment.vms.slice(4, 5);
  const commit = { ...commandFor('commit', vms), ticket: 'CHG-401' };
  // The app decides and sends the refusal. The mark then fails, the invocation fails, and the
  // message returns.
  const unmarked = {
    service: 'cosmos' as const,
    method: 'POST',
    path: '/colls/jobs/docs',
    body: '"type":"refusal".*"toldAt":"',
    point: 'received' as const,
    times: 1,
    do: { kind: 'cut' as const },
  };
  const { acted } = await withFault(environment.simulator, unmarked, async () => {
    await send(commit, 'CHG-400', PATIENT);
    await emptied(PATIENT);
  });
  expect(acted).toBe(1);
  expect(await refusal()).toMatchObject({ code: 'OperationNotAllowed', messageId: 'CHG-400' });
  // The app decides, and cannot send the refusal. Meanwhile the command becomes valid.
  const mute = {
    service: 'servicebus' as const,
    method: 'SEND',
    path: REFUSED,
    point: 'received' as const,
    do: { kind: 'cut' as const },
  };
  const unsent = await withFault(environment.simulator, mute, async () => {
    await send(commit, 'CHG-401', PATIENT);
    await environment.lifeboat.waitFor(async () => (await refusals('CHG-401'))[0], 'the refusal');
    await showFailedOver(vms[0]?.id ?? '');
    expect(
      (await environment.lifeboat.listReplications()).find(({ id }) => id === vms[0]?.id)?.allowed,
    ).toContain('commit');
  });
  expect(unsent.acted).toBeGreaterThan(0);
  expect(await refusal()).toMatchObject({ code: 'OperationNotAllowed', messageId: 'CHG-401' });
  await emptied(PATIENT);
  expect(await jobsBy('CHG-401')).toEqual([]);
});

test('a command that keeps failing ends in the dead-letter queue [TRG-2]', async () => {
  const vms = environment.vms.slice(5, 6);
  const command = { ...commandFor('failover', vms), ticket: 'CHG-500' };
  const away = {
    service: 'cosmos' as const,
    path: '/colls/jobs/docs',
    point: 'received' as const,
    do: { kind: 'status' as const, status: 503, body: { code: 'ServiceUnavailable', message: 'x' } },
    body: 'CHG-500',
  };
  await withFault(environment.simulator, away, async () => {
    await send(command, 'CHG-500');
    const [dead] = await receiveMessages(COMMANDS, 1, 'deadLetter');
    expect(dead).toMatchObject({
      deadLetterReason: 'MaxDeliveryCountExceeded',
      messageId: 'CHG-500',
      body: command,
    });
  });
  expect(await jobsBy('CHG-500')).toEqual([]);
  const { acted } = await withFault(environment.simulator, { ...away, times: 1 }, async () => {
    await send(command, 'CHG-500');
    await environment.lifeboat.waitForJobEnd((await jobBy('CHG-500')).jobId);
  });
  expect(acted).toBe(1);
  expect(await isEmpty(REFUSED)).toBe(true);
});
