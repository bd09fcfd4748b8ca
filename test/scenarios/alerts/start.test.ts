// Alerts that start a run: once, in the name of the rule's author, and only as the rule allows.
import { runWhileKilled } from '../../chaos/run-with-kills.ts';
import {
  startAlertEnvironment,
  type AlertEnvironment,
  type AlertDecisionView,
  type AlertRuleView,
} from '../../support/alert-environment.ts';
import { assertDocumentedEvents } from '../../support/documented-events.ts';
import { planBody, putPlan } from '../../support/plans.ts';
import { openDatabase } from '../../support/event-environment.ts';
import type { AlertRuleDocument } from '../../../shared/alerts/documents.ts';

let environment: AlertEnvironment;
beforeAll(async () => {
  environment = await startAlertEnvironment(9);
});
afterAll(() => environment.stop());

const LONG_COOL_DOWN = { coolDownMinutes: 1440, threshold: { withinMinutes: 10 } };
const onlyDecision = async (rule: string): Promise<AlertDecisionView> => {
  const [decision] = await environment.listDecisions(rule);
  if (!decision) throw new Error(`The rule ${rule} has decided nothing.`);
  return decision;
};
const jobsOf = async (vm: string) =>
  (await environment.simulator.siteRecovery.writes()).filter((write) => write.itemName === vm).length;
const nameOf = (id: string | undefined) => environment.vms.find((vm) => vm.id === id)?.name ?? '';

test("a repeated alert of Azure Monitor starts its rule's command once [TRG-4]", async () => {
  const command = environment.nextFailover();
  await environment.createAlertRule('dark', {
    when: { names: ['Web is dark'], severities: [0, 1], dimensions: { tier: ['dark'] } },
    command,
    ...LONG_COOL_DOWN,
  });
  const firedAt = await environment.timeInMinutes(-1);
  const alert = { id: 'dark-1', firedAt, customProperties: { tier: 'dark' } };
  const replies = await Promise.all(
    Array.from({ length: 5 }, () => environment.sendAzureMonitorAlert(alert)),
  );
  expect(replies.map(({ status, body }) => [status, body.how]).sort()).toEqual(
    [[202, 'new'], ...Array.from({ length: 4 }, () => [202, 'repeated'])].sort(),
  );
  const decision = await environment.lifeboat.waitFor(
    async () => (await environment.listDecisions('dark')).find(({ state }) => state === 'started'),
    'the start',
  );
  expect(decision).toMatchObject({
    verdict: 'start',
    rule: { name: 'dark', version: 1 },
    actsFor: { name: expect.any(String) as string },
    alert: { name: 'web is dark', severity: 1 },
  });
  const job = await environment.lifeboat.waitForJobEnd(decision.job ?? '');
  expect(job).toMatchObject({
    state: 'completed',
    operation: 'failover',
    requestedBy: { trigger: 'webhook', id: decision.actsFor?.id },
    command: { reason: 'Alert rule dark: web is dark' },
  });
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);

  expect(
    (await environment.sendAzureMonitorAlert({ ...alert, resolvedAt: await environment.timeInMinutes() }))
      .body.how,
  ).toBe('cleared');
  expect((await environment.sendAzureMonitorAlert(alert)).body.how).toBe('repeated');
  expect(await environment.listDecisions('dark')).toHaveLength(1);
  await environment.sendAzureMonitorAlert({
    id: 'dark-2',
    firedAt: await environment.timeInMinutes(),
    customProperties: { tier: 'dark' },
  });
  expect((await environment.listDecisions('dark')).map(({ verdict }) => verdict)).toEqual([
    'coolingDown',
    'start',
  ]);
  await environment.sendAzureMonitorAlert({
    id: 'dark-3',
    firedAt: await environment.timeInMinutes(),
    severity: 'Sev3',
    customProperties: { tier: 'dark' },
  });
  expect(await onlyDecision('dark')).toMatchObject({
    verdict: 'notMatched',
    state: 'nothing',
    reason: expect.stringContaining('severity: 3') as string,
  });
});

test('three alerts from two regions within ten minutes, four at once: one start [TRG-4]', async () => {
  const command = environment.nextFailover();
  await environment.createAlertRule('three', {
    when: { sources: ['generic'], names: ['web is dark'] },
    threshold: { alerts: 3, regions: 2, withinMinutes: 10 },
    coolDownMinutes: 1440,
    command,
  });
  const firedAt = await environment.timeInMinutes(-2);
  await environment.sendGenericAlert({ id: 'three-1', firedAt });
  expect(await onlyDecision('three')).toMatchObject({
    verdict: 'belowThreshold',
    reason: '1 of 3 alerts from 1 of 2 regions within 10 minutes: not enough yet.',
  });
  // This old alert matches, and does not count.
  await environment.sendGenericAlert({ id: 'three-0', firedAt: await environment.timeInMinutes(-300) });
  expect(await onlyDecision('three')).toMatchObject({ verdict: 'belowThreshold' });
  await Promise.all(
    ['southeastasia', 'South East Asia', 'eastasia', 'southeastasia'].map((region, i) =>
      environment.sendGenericAlert({ id: `three-${i + 2}`, firedAt, regions: [region] }),
    ),
  );
  const decided = await environment.lifeboat.waitFor(async () => {
    const all = await environment.listDecisions('three');
    return all.length === 6 && all.every(({ state }) => state !== 'due') ? all : undefined;
  }, 'six decisions');
  expect(decided.filter(({ verdict }) => verdict === 'start')).toHaveLength(1);
  expect(decided.find(({ verdict }) => verdict === 'start')).toMatchObject({ state: 'started' });
  expect(
    new Set(decided.map(({ verdict }) => verdict)).difference(
      new Set(['start', 'belowThreshold', 'coolingDown']),
    ),
  ).toEqual(new Set());
  await environment.lifeboat.waitForJobEnd(decided.find(({ job }) => job !== null)?.job ?? '');
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);
});

test('a dry run reports its verdict and does not block the real start [TRG-4]', async () => {
  const command = environment.nextFailover();
  const rule = { when: { dimensions: { tier: ['dry'] } }, command, ...LONG_COOL_DOWN };
  await environment.createAlertRule('dry', { ...rule, dryRun: true });
  await environment.sendAzureMonitorAlert({
    id: 'dry-1',
    firedAt: await environment.timeInMinutes(),
    customProperties: { tier: 'dry' },
  });
  expect(await onlyDecision('dry')).toMatchObject({ verdict: 'wouldStart', state: 'nothing', job: null });
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(0);
  await environment.callAlertRule('PUT', '/dry', { body: rule, ifMatch: '"1"' });
  await environment.sendAzureMonitorAlert({
    id: 'dry-2',
    firedAt: await environment.timeInMinutes(),
    customProperties: { tier: 'dry' },
  });
  expect(
    await environment.lifeboat.waitFor(
      async () => (await environment.listDecisions('dry')).find(({ state }) => state === 'started'),
      'the start',
    ),
  ).toMatchObject({ rule: { version: 2 } });
});

test('Lifeboat keeps an alert through a failing store, and starts its command once [TRG-4]', async () => {
  const command = environment.nextFailover();
  await environment.createAlertRule('later', {
    when: { dimensions: { tier: ['later'] } },
    command,
    ...LONG_COOL_DOWN,
  });
  await environment.simulator.faults.add({
    id: 'decision',
    service: 'cosmos',
    path: '/colls/alerts/docs',
    body: '"type":"decision"',
    point: 'received',
    times: 1,
    do: { kind: 'status', status: 403 },
  });
  await environment.simulator.faults.add({
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
      await environment.sendAzureMonitorAlert({
        id: 'later-1',
        firedAt: await environment.timeInMinutes(),
        customProperties: { tier: 'later' },
      })
    ).status,
  ).toBe(202);
  const decision = await environment.lifeboat.waitFor(
    async () => (await environment.listDecisions('later')).find(({ state }) => state === 'started'),
    'the start',
  );
  expect(
    (await environment.simulator.faults.list())
      .filter(({ id }) => ['decision', 'started'].includes(id))
      .map(({ acted }) => acted),
  ).toEqual([1, 1]);
  for (const id of ['decision', 'started']) await environment.simulator.faults.remove(id);
  await environment.lifeboat.waitForJobEnd(decision.job ?? '');
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);
});

test('three kills between alert and job leave one decision, one job and one failover [TRG-4]', async () => {
  const command = environment.nextFailover();
  await environment.createAlertRule('killed', {
    when: { dimensions: { tier: ['killed'] } },
    command,
    ...LONG_COOL_DOWN,
  });
  const moments = [
    ['alerts', 'alert'],
    ['alerts', 'decision'],
    ['jobs', 'job'],
  ] as const;
  const alert = {
    id: 'killed-1',
    firedAt: await environment.timeInMinutes(),
    customProperties: { tier: 'killed' },
  };
  const { result: job, kills } = await runWhileKilled(
    environment,
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
      // The sender gets no answer, and the timer continues the alert.
      await environment.sendAzureMonitorAlert(alert).catch(() => undefined);
      const { job: id } = await environment.lifeboat.waitFor(
        async () => (await environment.listDecisions('killed')).find(({ state }) => state === 'started'),
        'the start',
      );
      return environment.lifeboat.waitForJobEnd(id ?? '');
    },
  );
  expect({
    kills,
    state: job.state,
    decisions: (await environment.listDecisions('killed')).map(({ verdict, job: id }) => [verdict, id]),
  }).toEqual({ kills: 3, state: 'completed', decisions: [['start', job.id]] });
  const jobs = openDatabase(environment.simulator)
    .container('jobs')
    .items.query<{ jobId: string }>(
      "SELECT c.jobId FROM c WHERE c.type = 'job' AND c.command.reason = 'Alert rule killed: web is dark'",
    );
  expect((await jobs.fetchAll()).resources).toEqual([{ jobId: job.id }]);
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(1);
  // The sender repeats the alert, because it got no answer.
  expect(await environment.sendAzureMonitorAlert(alert)).toMatchObject({
    status: 202,
    body: { how: 'repeated' },
  });
  expect(await environment.listDecisions('killed')).toHaveLength(1);
});

test('a decision gives the reason why its command could not start [TRG-4] [RBAC-1]', async () => {
  const command = environment.nextFailover();
  await environment.createAlertRule('ended', {
    when: { dimensions: { tier: ['ended'] } },
    command,
    ...LONG_COOL_DOWN,
  });
  const item = openDatabase(environment.simulator).container('settings').item('alertRule:ended', 'alertRule');
  const { resource } = await item.read<AlertRuleDocument>();
  await item.replace({
    ...resource,
    grant: { ...resource?.grant, until: '2020-01-01T00:00:00.000Z' },
  } as AlertRuleDocument);
  await environment.sendAzureMonitorAlert({
    id: 'ended-1',
    firedAt: await environment.timeInMinutes(),
    customProperties: { tier: 'ended' },
  });
  expect(await onlyDecision('ended')).toMatchObject({
    verdict: 'start',
    state: 'notStarted',
    job: null,
    error: { code: 'GrantEnded' },
  });
  await environment.createAlertRule('again', {
    when: { dimensions: { tier: ['again'] } },
    command: { operation: 'commit', vms: command.vms },
    ...LONG_COOL_DOWN,
  });
  await environment.sendAzureMonitorAlert({
    id: 'again-1',
    firedAt: await environment.timeInMinutes(),
    customProperties: { tier: 'again' },
  });
  expect(await onlyDecision('again')).toMatchObject({
    state: 'notStarted',
    error: { code: 'OperationNotAllowed' },
    outcome: expect.stringContaining('could not be started') as string,
  });
  expect(await jobsOf(nameOf(command.vms[0]))).toBe(0);
});

test('an alert runs a plan only in the approved version [TRG-4] [TRG-5] [PLAN-1]', async () => {
  const names = [0, 1].map(() => nameOf(environment.nextFailover().vms[0]));
  const manualCheck = {
    kind: 'manual',
    name: 'Look at the shop',
    instructions: 'Open it and buy something.',
  };
  const shop = (description: string): object => ({
    ...planBody(environment, [
      { name: 'data', vms: names.slice(0, 1), after: [manualCheck] },
      { name: 'front', vms: names.slice(1) },
    ]),
    description,
  });
  await putPlan(environment, 'shop', shop('as it was'));
  await environment.lifeboat.call('/api/v1/callbacks/pager', {
    method: 'PUT',
    principal: 'contributor',
    body: { url: environment.receiver.url, keys: ['k1'], audience: 'people' },
  });
  const unknown = await environment.callAlertRule('PUT', '/shop', {
    body: { when: { dimensions: { tier: ['shop'] } }, command: { operation: 'failover', plan: 'nobody' } },
  });
  expect(unknown).toMatchObject({ status: 422, body: { code: 'PlanUnknown' } });
  await environment.createAlertRule('shop', {
    when: { dimensions: { tier: ['shop'] } },
    approval: {},
    coolDownMinutes: 1440,
    command: { operation: 'failover', plan: 'shop' },
  });
  const sendAlert = async (id: string) =>
    environment.sendAzureMonitorAlert({
      id,
      firedAt: await environment.timeInMinutes(),
      customProperties: { tier: 'shop' },
    });
  await sendAlert('shop-1');
  const first = await onlyDecision('shop');
  expect(first).toMatchObject({ state: 'waiting', planVersion: 1 });
  await putPlan(environment, 'shop', shop('as it is'));
  expect(await environment.decide(first.id, 'approved', 'approver')).toMatchObject({
    status: 409,
    body: { code: 'DecisionVoid' },
  });
  expect(await onlyDecision('shop')).toMatchObject({
    state: 'void',
    outcome: 'The plan was changed: it is now at version 2; the decision was for version 1.',
  });

  // The refused question has no effect: no cool-down keeps the next alert from asking again.
  await sendAlert('shop-2');
  const second = await onlyDecision('shop');
  const { body } = await environment.decide(second.id, 'approved', 'approver');
  expect(body).toMatchObject({ state: 'started', planVersion: 2 });
  const asked = await environment.lifeboat.waitFor(
    () =>
      Promise.resolve(
        environment.receiver.calls.find(
          ({ event }) => event.type === 'lifeboat.question.asked' && event.data['job'] === body.job,
        ),
      ),
    'the question',
  );
  assertDocumentedEvents([asked.event]);
  expect(asked.event.data).toMatchObject({
    title: 'Lifeboat asks: Look at the shop',
    times: 1,
    link: `/api/v1/jobs/${body.job ?? ''}`,
  });
  // The job asks when it needs a person, and the next minute does not ask again.
  const needed = await environment.lifeboat.waitFor(
    () =>
      Promise.resolve(
        environment.receiver.calls.find(
          ({ event }) => event.type === 'lifeboat.job.needsPerson' && event.data['job'] === body.job,
        ),
      ),
    'the event',
  );
  expect(Math.abs(Date.parse(asked.event.time) - Date.parse(needed.event.time))).toBeLessThan(5000);
  // A receiver that a person adds later gets the question too.
  await environment.lifeboat.call('/api/v1/callbacks/deputy', {
    method: 'PUT',
    principal: 'contributor',
    body: { url: environment.receiver.url, keys: ['k1'], audience: 'people' },
  });
  await environment.lifeboat.waitFor(
    () => Promise.resolve(environment.receiver.calls.filter(({ event }) => event.id === asked.event.id)[1]),
    'the same question for the deputy',
  );
  const done = (
    asked.event.data['answers'] as { answer: string; method: string; address: string; body: object }[]
  ).find(({ answer }) => answer === 'done');
  expect(
    await environment.lifeboat.call(done?.address ?? '', { method: done?.method ?? '', body: done?.body }),
  ).toMatchObject({ status: 200 });
  expect(await environment.lifeboat.waitForJobEnd(body.job ?? '')).toMatchObject({
    state: 'completed',
    plan: { id: 'shop', version: 2 },
    requestedBy: { trigger: 'webhook' },
  });
  for (const name of names) expect(await jobsOf(name)).toBe(1);
});

test('the routes list decisions page by page, and list rules [TRG-4]', async () => {
  const rule = {
    when: { dimensions: { tier: ['paged'] } },
    command: environment.nextFailover(),
    dryRun: true,
  };
  for (const name of ['paged', 'another']) await environment.createAlertRule(name, rule);
  for (let count = 0; count < 9; count += 1)
    await environment.sendAzureMonitorAlert({
      id: `paged-${count}`,
      firedAt: await environment.timeInMinutes(),
      customProperties: { tier: 'paged' },
    });
  const page = (query: string) =>
    environment.lifeboat.call<{ decisions: AlertDecisionView[]; next: string | null }>(
      `/api/v1/alert-rules/paged/decisions${query}`,
      { principal: 'reader' },
    );
  const all = (await page('?limit=200')).body;
  const read: AlertDecisionView[] = [];
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
  const {
    body: { rules },
  } = await environment.callAlertRule<{ rules: AlertRuleView[] }>('GET', '', { who: 'reader' });
  const ids = rules.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(ids).toEqual(expect.arrayContaining(['another', 'paged']));
});
