// Alerts that start something: once, in the name of who saved the rule, and never more than the rule says.
import { whileKilled } from '../../chaos/kill.ts';
import { alerting, type Alerting, type Decision, type Rule } from '../../support/alerting.ts';
import { mustBeDocumented } from '../../support/documented.ts';
import { planOf, savePlan } from '../../support/plans.ts';
import { databaseOf } from '../../support/news.ts';
import type { AlertRuleDocument } from '../../../shared/alerts/documents.ts';

let world: Alerting;
let next = 0;
beforeAll(async () => {
  world = await alerting(8);
});
afterAll(() => world.stop());

const COOL = { coolDownMinutes: 1440, threshold: { withinMinutes: 10 } };
function failover(): { readonly operation: string; readonly vms: readonly string[] } {
  const vm = world.vms[next++];
  if (!vm) throw new Error('No VM left.');
  return { operation: 'failover', vms: [vm.id] };
}
const one = async (rule: string): Promise<Decision> => {
  const [decision] = await world.decisions(rule);
  if (!decision) throw new Error(`The rule ${rule} has decided nothing.`);
  return decision;
};
const jobsOf = async (vm: string) =>
  (await world.simulator.siteRecovery.writes()).filter((write) => write.itemName === vm).length;
const nameOf = (id: string | undefined) => world.vms.find((vm) => vm.id === id)?.name ?? '';

test("a repeated alert of Azure Monitor starts its rule's command once [TRG-4]", async () => {
  const command = failover();
  await world.makes('dark', {
    when: { names: ['Web is dark'], severities: [0, 1], dimensions: { tier: ['dark'] } },
    command,
    ...COOL,
  });
  const firedAt = await world.moment(-1);
  const alert = { id: 'dark-1', firedAt, customProperties: { tier: 'dark' } };
  const told = await Promise.all(Array.from({ length: 5 }, () => world.monitor(alert)));
  expect(told.map(({ status, body }) => [status, body.how]).sort()).toEqual(
    [[202, 'new'], ...Array.from({ length: 4 }, () => [202, 'repeated'])].sort(),
  );
  const decision = await world.lifeboat.until(
    async () => (await world.decisions('dark')).find(({ state }) => state === 'started'),
    'the start',
  );
  expect(decision).toMatchObject({
    verdict: 'start',
    rule: { name: 'dark', version: 1 },
    actsFor: { name: expect.any(String) as string },
    alert: { name: 'web is dark', severity: 1 },
  });
  const job = await world.lifeboat.ended(decision.job ?? '');
  expect(job).toMatchObject({
    state: 'completed',
    operation: 'failover',
    requestedBy: { door: 'webhook', id: decision.actsFor?.id },
    command: { reason: 'Alert rule dark: web is dark' },
  });
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);

  expect((await world.monitor({ ...alert, resolvedAt: await world.moment() })).body.how).toBe('cleared');
  expect((await world.monitor(alert)).body.how).toBe('repeated');
  expect(await world.decisions('dark')).toHaveLength(1);
  await world.monitor({ id: 'dark-2', firedAt: await world.moment(), customProperties: { tier: 'dark' } });
  expect((await world.decisions('dark')).map(({ verdict }) => verdict)).toEqual(['coolingDown', 'start']);
  await world.monitor({
    id: 'dark-3',
    firedAt: await world.moment(),
    severity: 'Sev3',
    customProperties: { tier: 'dark' },
  });
  expect(await one('dark')).toMatchObject({
    verdict: 'notMatched',
    state: 'nothing',
    reason: expect.stringContaining('severity: 3') as string,
  });
});

test('[TRG-4] three alerts from two regions within ten minutes, four of them at once: started once', async () => {
  const command = failover();
  await world.makes('three', {
    when: { sources: ['generic'], names: ['web is dark'] },
    threshold: { alerts: 3, regions: 2, withinMinutes: 10 },
    coolDownMinutes: 1440,
    command,
  });
  const firedAt = await world.moment(-2);
  await world.tells({ id: 'three-1', firedAt });
  expect(await one('three')).toMatchObject({
    verdict: 'belowThreshold',
    reason: '1 of 3 alerts from 1 of 2 regions within 10 minutes: not enough yet.',
  });
  // Of long before: it matches, and does not count.
  await world.tells({ id: 'three-0', firedAt: await world.moment(-300) });
  expect(await one('three')).toMatchObject({ verdict: 'belowThreshold' });
  await Promise.all(
    ['southeastasia', 'South East Asia', 'eastasia', 'southeastasia'].map((region, i) =>
      world.tells({ id: `three-${i + 2}`, firedAt, regions: [region] }),
    ),
  );
  const decided = await world.lifeboat.until(async () => {
    const all = await world.decisions('three');
    return all.length === 6 && all.every(({ state }) => state !== 'due') ? all : undefined;
  }, 'six decisions');
  expect(decided.filter(({ verdict }) => verdict === 'start')).toHaveLength(1);
  expect(decided.find(({ verdict }) => verdict === 'start')).toMatchObject({ state: 'started' });
  expect(
    new Set(decided.map(({ verdict }) => verdict)).difference(
      new Set(['start', 'belowThreshold', 'coolingDown']),
    ),
  ).toEqual(new Set());
  await world.lifeboat.ended(decided.find(({ job }) => job !== null)?.job ?? '');
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);
});

test('a dry run tells its verdict and does not block the real start [TRG-4]', async () => {
  const command = failover();
  const rule = { when: { dimensions: { tier: ['dry'] } }, command, ...COOL };
  await world.makes('dry', { ...rule, dryRun: true });
  await world.monitor({ id: 'dry-1', firedAt: await world.moment(), customProperties: { tier: 'dry' } });
  expect(await one('dry')).toMatchObject({ verdict: 'wouldStart', state: 'nothing', job: null });
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(0);
  await world.rule('PUT', '/dry', { body: rule, ifMatch: '"1"' });
  await world.monitor({ id: 'dry-2', firedAt: await world.moment(), customProperties: { tier: 'dry' } });
  expect(
    await world.lifeboat.until(
      async () => (await world.decisions('dry')).find(({ state }) => state === 'started'),
      'the start',
    ),
  ).toMatchObject({ rule: { version: 2 } });
});

test('Lifeboat keeps an alert through a failing store, and starts its command once [TRG-4]', async () => {
  const command = failover();
  await world.makes('later', { when: { dimensions: { tier: ['later'] } }, command, ...COOL });
  await world.simulator.faults.add({
    id: 'decision',
    service: 'cosmos',
    path: '/colls/alerts/docs',
    body: '"type":"decision"',
    point: 'received',
    times: 1,
    do: { kind: 'status', status: 403 },
  });
  await world.simulator.faults.add({
    id: 'started',
    service: 'cosmos',
    path: '/colls/alerts/docs',
    body: '"state":"started"',
    point: 'received',
    times: 1,
    do: { kind: 'status', status: 403 },
  });
  expect(
    (
      await world.monitor({
        id: 'later-1',
        firedAt: await world.moment(),
        customProperties: { tier: 'later' },
      })
    ).status,
  ).toBe(202);
  const decision = await world.lifeboat.until(
    async () => (await world.decisions('later')).find(({ state }) => state === 'started'),
    'the start',
  );
  expect(
    (await world.simulator.faults.list())
      .filter(({ id }) => ['decision', 'started'].includes(id))
      .map(({ acted }) => acted),
  ).toEqual([1, 1]);
  for (const id of ['decision', 'started']) await world.simulator.faults.remove(id);
  await world.lifeboat.ended(decision.job ?? '');
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);
});

test('three kills between alert and job leave one decision, one job and one failover [TRG-4]', async () => {
  const command = failover();
  await world.makes('killed', { when: { dimensions: { tier: ['killed'] } }, command, ...COOL });
  const moments = [
    ['alerts', 'alert'],
    ['alerts', 'decision'],
    ['jobs', 'job'],
  ] as const;
  const alert = { id: 'killed-1', firedAt: await world.moment(), customProperties: { tier: 'killed' } };
  const { result: job, kills } = await whileKilled(
    world,
    (pid) =>
      moments.map(([container, type]) => ({
        service: 'cosmos',
        method: 'POST',
        path: `/colls/${container}/docs`,
        body: `"type":"${type}"`,
        point: 'applied',
        times: 1,
        do: { kind: 'kill', pid },
      })),
    async () => {
      // Its sender does not hear that it was taken; the timer goes on with it.
      await world.monitor(alert).catch(() => undefined);
      const { job: id } = await world.lifeboat.until(
        async () => (await world.decisions('killed')).find(({ state }) => state === 'started'),
        'the start',
      );
      return world.lifeboat.ended(id ?? '');
    },
  );
  expect({
    kills,
    state: job.state,
    decisions: (await world.decisions('killed')).map(({ verdict, job: id }) => [verdict, id]),
  }).toEqual({ kills: 3, state: 'completed', decisions: [['start', job.id]] });
  const jobs = databaseOf(world.simulator)
    .container('jobs')
    .items.query<{ jobId: string }>(
      "SELECT c.jobId FROM c WHERE c.type = 'job' AND c.command.reason = 'Alert rule killed: web is dark'",
    );
  expect((await jobs.fetchAll()).resources).toEqual([{ jobId: job.id }]);
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);
  // As the sender sends it again, having heard nothing.
  expect(await world.monitor(alert)).toMatchObject({ status: 202, body: { how: 'repeated' } });
  expect(await world.decisions('killed')).toHaveLength(1);
});

test('a decision tells why its command could not start [TRG-4] [RBAC-1]', async () => {
  const command = failover();
  await world.makes('ended', { when: { dimensions: { tier: ['ended'] } }, command, ...COOL });
  const item = databaseOf(world.simulator).container('settings').item('alertRule:ended', 'alertRule');
  const { resource } = await item.read<AlertRuleDocument>();
  await item.replace({
    ...resource,
    grant: { ...resource?.grant, until: '2020-01-01T00:00:00.000Z' },
  } as AlertRuleDocument);
  await world.monitor({ id: 'ended-1', firedAt: await world.moment(), customProperties: { tier: 'ended' } });
  expect(await one('ended')).toMatchObject({
    verdict: 'start',
    state: 'notStarted',
    job: null,
    error: { code: 'GrantEnded' },
  });
  await world.makes('again', {
    when: { dimensions: { tier: ['again'] } },
    command: { operation: 'commit', vms: command.vms },
    ...COOL,
  });
  await world.monitor({ id: 'again-1', firedAt: await world.moment(), customProperties: { tier: 'again' } });
  expect(await one('again')).toMatchObject({
    state: 'notStarted',
    error: { code: 'OperationNotAllowed' },
    outcome: expect.stringContaining('could not be started') as string,
  });
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(0);
});

test('an alert runs a plan only in the version that was approved [TRG-4] [TRG-5] [PLAN-1]', async () => {
  const names = [0, 1].map(() => nameOf(failover().vms[0]));
  const look = { kind: 'manual', name: 'Look at the shop', instructions: 'Open it and buy something.' };
  const shop = (description: string): object => ({
    ...planOf(world, [
      { name: 'data', vms: names.slice(0, 1), after: [look] },
      { name: 'front', vms: names.slice(1) },
    ]),
    description,
  });
  await savePlan(world, 'shop', shop('as it was'));
  await world.lifeboat.call('/api/v1/callbacks/pager', {
    method: 'PUT',
    who: 'contributor',
    body: { url: world.receiver.url, keys: ['k1'], audience: 'people' },
  });
  const unknown = await world.rule('PUT', '/shop', {
    body: { when: { dimensions: { tier: ['shop'] } }, command: { operation: 'failover', plan: 'nobody' } },
  });
  expect(unknown).toMatchObject({ status: 422, body: { code: 'PlanUnknown' } });
  await world.makes('shop', {
    when: { dimensions: { tier: ['shop'] } },
    approval: {},
    coolDownMinutes: 1440,
    command: { operation: 'failover', plan: 'shop' },
  });
  const tell = async (id: string) =>
    world.monitor({ id, firedAt: await world.moment(), customProperties: { tier: 'shop' } });
  await tell('shop-1');
  const first = await one('shop');
  expect(first).toMatchObject({ state: 'waiting', planVersion: 1 });
  await savePlan(world, 'shop', shop('as it is'));
  expect(await world.decides(first.id, 'approve', 'approver')).toMatchObject({
    status: 409,
    body: { code: 'DecisionVoid' },
  });
  expect(await one('shop')).toMatchObject({
    state: 'void',
    outcome: 'The plan was changed: it is at version 2 now, and was at 1.',
  });

  // It is as if it had not asked: no cool-down keeps the next alert from asking anew.
  await tell('shop-2');
  const second = await one('shop');
  const { body } = await world.decides(second.id, 'approve', 'approver');
  expect(body).toMatchObject({ state: 'started', planVersion: 2 });
  const asked = await world.lifeboat.until(
    () =>
      Promise.resolve(
        world.receiver.calls.find(
          ({ event }) => event.type === 'lifeboat.question.asked' && event.data['job'] === body.job,
        ),
      ),
    'the question',
  );
  mustBeDocumented([asked.event]);
  expect(asked.event.data).toMatchObject({
    title: 'Lifeboat asks: Look at the shop',
    times: 1,
    link: `/api/v1/jobs/${body.job ?? ''}`,
  });
  // Asked when the job says that it needs somebody, and not at the next minute.
  const needed = await world.lifeboat.until(
    () =>
      Promise.resolve(
        world.receiver.calls.find(
          ({ event }) => event.type === 'lifeboat.job.needsPerson' && event.data['job'] === body.job,
        ),
      ),
    'the event',
  );
  expect(Math.abs(Date.parse(asked.event.time) - Date.parse(needed.event.time))).toBeLessThan(5000);
  // Who is put there afterwards hears of it too.
  await world.lifeboat.call('/api/v1/callbacks/deputy', {
    method: 'PUT',
    who: 'contributor',
    body: { url: world.receiver.url, keys: ['k1'], audience: 'people' },
  });
  await world.lifeboat.until(
    () => Promise.resolve(world.receiver.calls.filter(({ event }) => event.id === asked.event.id)[1]),
    'the same question for the deputy',
  );
  const done = (
    asked.event.data['answers'] as { answer: string; method: string; address: string; body: object }[]
  ).find(({ answer }) => answer === 'done');
  expect(
    await world.lifeboat.call(done?.address ?? '', { method: done?.method ?? '', body: done?.body }),
  ).toMatchObject({ status: 200 });
  expect(await world.lifeboat.ended(body.job ?? '')).toMatchObject({
    state: 'completed',
    plan: { id: 'shop', version: 2 },
    requestedBy: { door: 'webhook' },
  });
  for (const name of names) expect(await jobsOf(name)).toBe(1);
});

test('[TRG-4] what a rule decided is read page by page, and rules are listed', async () => {
  const page = (query: string) =>
    world.lifeboat.call<{ decisions: Decision[]; next: string | null }>(
      `/api/v1/alert-rules/three/decisions${query}`,
      { who: 'reader' },
    );
  const all = (await page('?limit=200')).body;
  const read: Decision[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { body } = await page(`?limit=4${next === '' ? '' : `&continuation=${encodeURIComponent(next)}`}`);
    expect(body.decisions.length).toBeLessThanOrEqual(4);
    read.push(...body.decisions);
    next = body.next;
  }
  expect([all.next, all.decisions.length > 8, read.map(({ id }) => id)]).toEqual([
    null,
    true,
    all.decisions.map(({ id }) => id),
  ]);
  expect((await page('?limit=4&continuation=made-up')).status).toBe(400);
  expect(
    (await world.rule<{ rules: Rule[] }>('GET', '', { who: 'reader' })).body.rules.map(({ id }) => id),
  ).toEqual(['again', 'dark', 'dry', 'ended', 'killed', 'later', 'shop', 'three']);
});
