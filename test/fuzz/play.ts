// Plays seeds: a stretch of a hundred on a simulator, one after the other, since what one draws
// depends on what those before it have left. A seed is played again by its stretch up to it.
import { polite } from '../support/receiver.ts';
import { ALERT_KEYS } from '../support/alerting.ts';
import { signedHeaders } from '../support/alerts.ts';
import { drawnFor, type Case } from './drawing.ts';
import type { Seen } from './effects/effect.ts';
import { judged } from './judge.ts';
import { dealtWith } from './queue.ts';
import { stage, type Stage } from './stage.ts';
import { letJobsEnd } from './time.ts';

const STRETCH = 100;
/** After so many cases story time is let go until all jobs have ended. */
const JOBS_END_AFTER = 50;

export interface Played {
  readonly seed: number;
  readonly door: Case['door'];
  readonly route: string;
  readonly method: string;
  readonly how: string;
  /** A status, or the code with which a message was refused. */
  readonly answer: string;
  /** Why it was refused. */
  readonly why: string;
  /** Null: it was refused. */
  readonly seen: Seen | null;
}

export class SeedWrong extends Error {}

/** Each from its begin, up to the last seed that is wanted. */
export function stretchesFor(
  from: number,
  to: number,
): readonly { readonly first: number; readonly last: number }[] {
  const begin = from - ((from - 1) % STRETCH);
  return Array.from({ length: Math.ceil((to - begin + 1) / STRETCH) }, (_, i) => ({
    first: begin + i * STRETCH,
    last: Math.min(to, begin + (i + 1) * STRETCH - 1),
  }));
}

const told = ({ seed, door, route, how, who, sent }: Case): string =>
  `Seed ${seed} (${door}, ${how}, ${who}): ${route} as ${sent.address.slice(0, 400)} ` +
  `${JSON.stringify({ ...sent.headers, authorization: undefined })} ` +
  (sent.body?.toString().slice(0, 2000) ?? '');

async function playOne(on: Stage, seed: number): Promise<Played> {
  const drawn = await drawnFor(seed, on);
  const before = { look: on.look(), known: on.known() };
  const { door, route, method, how } = drawn;
  try {
    if (door === 'queue') {
      const { code, seen } = await dealtWith(on, drawn, before);
      return {
        seed,
        door,
        route: 'dr-commands',
        method: 'queue',
        how,
        answer: code ?? 'taken',
        why: code ?? '',
        seen,
      };
    }
    const answer = await on.send(drawn.sent);
    // What was begun goes on until it waits for time to go.
    if (answer.status < 300 && method !== 'GET') await on.quiet();
    return {
      seed,
      door,
      route,
      method,
      how,
      answer: String(answer.status),
      why: (answer.body as { detail?: string } | undefined)?.detail ?? '',
      seen: await judged(on, drawn, answer, before),
    };
  } catch (error) {
    throw new SeedWrong(
      `${told(drawn)}\n  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    await on.quiet();
  }
}

/**
 * From the first seed of a stretch to `last`; `wrong` is told of each that does not hold, and the
 * others go on.
 */
export async function playStretch(
  first: number,
  last: number,
  wrong: (why: string) => void,
): Promise<readonly Played[]> {
  const on = await stage();
  const played: Played[] = [];
  const holds = (error: unknown): void => wrong(error instanceof Error ? error.message : String(error));
  try {
    await begun(on);
    for (let seed = first; seed <= last; seed += 1) {
      await playOne(on, seed).then((one) => played.push(one), holds);
      if ((seed - first + 1) % JOBS_END_AFTER !== 0 && seed !== last) continue;
      await letJobsEnd(on).catch((error: unknown) =>
        holds(new Error(`After seed ${seed}: ${error instanceof Error ? error.message : String(error)}`)),
      );
      if (seed !== last) await beginDrill(on);
    }
  } finally {
    await on.stop();
  }
  return played;
}

const ASKED = { description: '', when: { names: ['region-dark'] }, approval: {} };

const DRILLED = 'asks';
const UNTIL_GIVEN_UP = 120;

/** So that there is a job that asks for something. Where its VMs are at the moment, it may be refused. */
async function beginDrill(on: Stage): Promise<void> {
  const sent = {
    method: 'POST',
    address: '/api/v1/jobs',
    headers: {
      authorization: `Bearer ${await on.token('contributor')}`,
      'content-type': 'application/json',
      'idempotency-key': `drill-${on.known().jobs.length}`,
    },
    body: Buffer.from(JSON.stringify({ operation: 'testFailover', plan: DRILLED })),
  };
  const { status } = await on.send(sent);
  if (![202, 409].includes(status)) throw new Error(`The drill: ${status}`);
  // Until it asks.
  await on.pass(60);
}

/** What is there before the first one: a plan that asks persons, and runs; a rule that does; an address. */
async function begun(on: Stage): Promise<void> {
  const { vms } = on.known();
  const [one, two] = vms.filter(({ group }) => group === null).map(({ id }) => id);
  const put = async (address: string, body: object): Promise<void> => {
    const { status, text } = await on.send({
      method: 'PUT',
      address,
      headers: {
        authorization: `Bearer ${await on.token('contributor')}`,
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
  await put(`/api/v1/plans/${DRILLED}`, {
    name: 'Asks',
    runs: {
      failover: [
        { name: 'first', vms: [one], before: ask },
        { name: 'second', waitsFor: ['first'], vms: [two] },
      ],
    },
    targets: { recoveryMinutes: 60, dataLossMinutes: 0.01 },
  });
  await put(`/api/v1/plans/${DRILLED}/schedules/weekly`, {
    cron: '0 6 * * 6',
    timeZone: 'Europe/Berlin',
    command: { operation: 'testFailover' },
  });
  await put('/api/v1/alert-rules/region-dark', {
    ...ASKED,
    command: { operation: 'testFailover', vms: [two] },
  });
  await put('/api/v1/callbacks/tickets', { url: on.receiver.url, keys: ['k1'] });
  const alert = JSON.stringify({
    id: 'first',
    condition: 'fired',
    name: 'region-dark',
    severity: 0,
    firedAt: (await on.simulator.now()).toISOString(),
  });
  const { status } = await on.send({
    method: 'POST',
    address: '/api/v1/alerts/generic',
    headers: signedHeaders(alert, ALERT_KEYS[0]),
    body: Buffer.from(alert),
  });
  if (status !== 202) throw new Error(`The first alert: ${status}`);
  // Who is to be told of it does not listen, until nobody tries to tell them any more.
  on.receiver.behave(() => ({ status: 500 }));
  await beginDrill(on);
  await on.pass(UNTIL_GIVEN_UP);
  on.receiver.behave(polite);
}
