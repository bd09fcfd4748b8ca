// Plays seeds. A simulator plays a range of a hundred seeds in order. Each draw depends on the
// state after the earlier seeds. To repeat a seed, play its range up to the seed.
import { acceptEvery } from '../support/receiver.ts';
import { ALERT_KEYS } from '../support/alert-environment.ts';
import { signedHeaders } from '../support/alerts.ts';
import { drawCase, type FuzzCase } from './draw-case.ts';
import type { EffectKind } from './effects/effect.ts';
import { checkAnswer } from './check-answer.ts';
import { sendAndCheckMessage } from './queue-message.ts';
import { startFuzzEnvironment, type FuzzEnvironment } from './fuzz-environment.ts';
import { letJobsEnd } from './let-jobs-end.ts';

const SEEDS_PER_RANGE = 100;
/** After this number of cases the fuzz advances simulated time until all jobs have ended. */
const SEEDS_BETWEEN_JOB_ENDS = 50;

export interface SeedResult {
  readonly seed: number;
  readonly trigger: FuzzCase['trigger'];
  readonly route: string;
  readonly method: string;
  readonly distortion: string;
  /** A status, or the refusal code of a message. */
  readonly answer: string;
  /** The reason of the refusal. */
  readonly reason: string;
  /** Null: the app refused the request. */
  readonly effect: EffectKind | null;
}

export class SeedFailure extends Error {}

/** The ranges, each from its first seed up to the last wanted seed. */
export function stretchesFor(
  from: number,
  to: number,
): readonly { readonly first: number; readonly last: number }[] {
  const begin = from - ((from - 1) % SEEDS_PER_RANGE);
  return Array.from({ length: Math.ceil((to - begin + 1) / SEEDS_PER_RANGE) }, (_, i) => ({
    first: begin + i * SEEDS_PER_RANGE,
    last: Math.min(to, begin + (i + 1) * SEEDS_PER_RANGE - 1),
  }));
}

const describeCase = ({ seed, trigger, route, distortion, who, sent }: FuzzCase): string =>
  `Seed ${seed} (${trigger}, ${distortion}, ${who}): ${route} as ${sent.address.slice(0, 400)} ` +
  `${JSON.stringify({ ...sent.headers, authorization: undefined })} ` +
  (sent.body?.toString().slice(0, 2000) ?? '');

async function runSeed(environment: FuzzEnvironment, seed: number): Promise<SeedResult> {
  const drawnCase = await drawCase(seed, environment);
  const before = { look: environment.takeSnapshot(), known: environment.readKnownState() };
  const { trigger, route, method, distortion } = drawnCase;
  try {
    if (trigger === 'queue') {
      const { code, effect } = await sendAndCheckMessage(environment, drawnCase, before);
      return {
        seed,
        trigger,
        route: 'dr-commands',
        method: 'queue',
        distortion,
        answer: code ?? 'taken',
        reason: code ?? '',
        effect,
      };
    }
    const answer = await environment.send(drawnCase.sent);
    // The started work continues until it waits for time.
    if (answer.status < 300 && method !== 'GET') await environment.waitUntilIdle();
    return {
      seed,
      trigger,
      route,
      method,
      distortion,
      answer: String(answer.status),
      reason: (answer.body as { detail?: string } | undefined)?.detail ?? '',
      effect: await checkAnswer(environment, drawnCase, answer, before),
    };
  } catch (error) {
    throw new SeedFailure(
      `${describeCase(drawnCase)}\n  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    await environment.waitUntilIdle();
  }
}

/** Plays a range from its first seed to `last`. It reports each failure to `wrong` and continues. */
export async function runSeedRange(
  first: number,
  last: number,
  reportFailure: (why: string) => void,
): Promise<readonly SeedResult[]> {
  const environment = await startFuzzEnvironment();
  const results: SeedResult[] = [];
  const reportError = (error: unknown): void =>
    reportFailure(error instanceof Error ? error.message : String(error));
  try {
    await createInitialState(environment);
    for (let seed = first; seed <= last; seed += 1) {
      await runSeed(environment, seed).then((seedResult) => results.push(seedResult), reportError);
      if ((seed - first + 1) % SEEDS_BETWEEN_JOB_ENDS !== 0 && seed !== last) continue;
      await letJobsEnd(environment).catch((error: unknown) =>
        reportError(
          new Error(`After seed ${seed}: ${error instanceof Error ? error.message : String(error)}`),
        ),
      );
      if (seed !== last) await startDrill(environment);
    }
  } finally {
    await environment.stop();
  }
  return results;
}

const RULE_WITH_APPROVAL = { description: '', when: { names: ['region-dark'] }, approval: {} };

const PLAN_WITH_QUESTIONS = 'asks';
const GIVE_UP_SECONDS = 120;

/** Starts a job that asks a question. The app may refuse it when its VMs are in another state. */
async function startDrill(environment: FuzzEnvironment): Promise<void> {
  const sent = {
    method: 'POST',
    address: '/api/v1/jobs',
    headers: {
      authorization: `Bearer ${await environment.token('contributor')}`,
      'content-type': 'application/json',
      'idempotency-key': `drill-${environment.readKnownState().jobs.length}`,
    },
    body: Buffer.from(JSON.stringify({ operation: 'testFailover', plan: PLAN_WITH_QUESTIONS })),
  };
  const { status } = await environment.send(sent);
  if (![202, 409].includes(status)) throw new Error(`The drill: ${status}`);
  // Advance until the job asks.
  await environment.advanceSeconds(60);
}

/**
 * Creates the first state: a running plan that asks persons, a rule that starts a run, and a
 * callback address.
 */
async function createInitialState(environment: FuzzEnvironment): Promise<void> {
  const { vms } = environment.readKnownState();
  const [firstVm, secondVm] = vms.filter(({ group }) => group === null).map(({ id }) => id);
  const put = async (address: string, body: object): Promise<void> => {
    const { status, text } = await environment.send({
      method: 'PUT',
      address,
      headers: {
        authorization: `Bearer ${await environment.token('contributor')}`,
        'content-type': 'application/json',
      },
      body: Buffer.from(JSON.stringify(body)),
    });
    if (status !== 201) throw new Error(`${address}: ${status} ${text}`);
  };
  const ask = [
    { kind: 'approval', name: 'Go', alsoIn: ['testFailover'] },
    { kind: 'manual', name: 'Look', instructions: 'Is it open?', alsoIn: ['testFailover'] },
  ];
  await put(`/api/v1/plans/${PLAN_WITH_QUESTIONS}`, {
    name: 'Asks',
    runs: {
      failover: [
        { name: 'first', vms: [firstVm], before: ask },
        { name: 'second', waitsFor: ['first'], vms: [secondVm] },
      ],
    },
    targets: { recoveryMinutes: 60, dataLossMinutes: 0.01 },
  });
  await put(`/api/v1/plans/${PLAN_WITH_QUESTIONS}/schedules/weekly`, {
    cron: '0 6 * * 6',
    timeZone: 'Europe/Berlin',
    command: { operation: 'testFailover' },
  });
  await put('/api/v1/alert-rules/region-dark', {
    ...RULE_WITH_APPROVAL,
    command: { operation: 'testFailover', vms: [secondVm] },
  });
  await put('/api/v1/callbacks/tickets', { url: environment.receiver.url, keys: ['k1'] });
  const alert = JSON.stringify({
    id: 'first',
    condition: 'fired',
    name: 'region-dark',
    severity: 0,
    firedAt: (await environment.simulator.now()).toISOString(),
  });
  const { status } = await environment.send({
    method: 'POST',
    address: '/api/v1/alerts/generic',
    headers: signedHeaders(alert, ALERT_KEYS[0]),
    body: Buffer.from(alert),
  });
  if (status !== 202) throw new Error(`The first alert: ${status}`);
  // The receiver refuses until the relay stops its attempts to deliver.
  environment.receiver.respondWith(() => ({ status: 500 }));
  await startDrill(environment);
  await environment.advanceSeconds(GIVE_UP_SECONDS);
  environment.receiver.respondWith(acceptEvery);
}
