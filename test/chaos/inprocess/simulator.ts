// A simulator within this process: Azure's servers, and a host with the app on it whose lives
// follow one another, each going on from what is stored.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoryClock } from '../../../simulator/clock/story-clock.ts';
import type { LocalOptions } from '../../../local/lifeboat.ts';
import { SimulatorHost, type Simulator } from '../../../simulator/simulator.ts';
import type { Environment } from '../../../simulator/environments/schema.ts';
import { startHost, type Host } from '../../../simulator/host/host.ts';
import type { Level } from '../../../simulator/host/log.ts';
import { adminClient } from '../../../simulator/launch/admin-client.ts';
import { Restartable } from '../../../simulator/launch/restartable.ts';
import { startAzureServers } from '../../../simulator/azure/start-azure-servers.ts';
import { beTheApp } from '../../support/simulated-store.ts';
import { ROOT, type BuiltApp } from './app.ts';
import { Life, type Moment, type Outgoing } from './life.ts';

export interface Lives {
  /** Who is doomed ends; from then on there is one life, for as long as nobody is to die. */
  readonly settle: () => Promise<void>;
  /** Of those that have begun. */
  readonly count: number;
  readonly start: (options?: LocalOptions) => Promise<Simulator>;
  /** What they found worth a warning. */
  readonly log: readonly string[];
}

/**
 * Claims and leases of the dead end by wall time: nobody needs to wait long for them. News go to
 * call-backs alone, which say what the topic would.
 */
const QUICK = {
  LIFEBOAT_SEND_TIMEOUT_SECONDS: '0.15',
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '0.2',
  LIFEBOAT_PROOF_SECONDS: '120',
  LIFEBOAT_SERVICEBUS: '',
};

export function livesOf(app: BuiltApp, momentOf: (asked: Outgoing) => Moment | undefined): Lives {
  let host: Generations | undefined;
  const lives = {
    count: 0,
    log: [] as string[],
    start,
    settle: async () => {
      await host?.settle();
    },
  };
  async function start({
    environment = 'contoso',
    env = {},
    cosmosRanges = 1,
  }: LocalOptions = {}): Promise<Simulator> {
    const data = mkdtempSync(join(tmpdir(), 'lifeboat-lives-'));
    const azureServers = await startAzureServers({
      data,
      clock: 'jumping',
      participants: [],
      environment: environmentIn(data, environment),
      cosmosRanges,
      containers: join(ROOT, 'infra', 'agreement.json'),
    });
    const { addresses, clock } = azureServers;
    beTheApp(addresses, data);
    const mine = new Generations(app, momentOf, lives, { data, clock, env: { ...env, ...QUICK } });
    host = mine;
    await mine.start();
    return {
      ...adminClient(() => addresses),
      data,
      addresses,
      host: mine,
      azureServers: new Restartable('Azure in the simulator', () => {
        throw new Error('It is in this process.');
      }),
      async stop() {
        await mine.stop();
        await azureServers.close();
        rmSync(data, { recursive: true, force: true });
      },
    };
  }
  return lives;
}

function environmentIn(data: string, environment: string | Environment): string {
  if (typeof environment === 'string') return environment;
  const file = join(data, 'environment.yaml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(environment));
  return file;
}

interface Ground {
  readonly data: string;
  readonly clock: StoryClock;
  readonly env: Readonly<Record<string, string>>;
}

/** The host, which is there again as soon as it has died. */
class Generations extends SimulatorHost {
  readonly #app: BuiltApp;
  readonly #momentOf: (asked: Outgoing) => Moment | undefined;
  readonly #lives: { count: number; readonly log: string[] };
  readonly #ground: Ground;
  #now: { readonly life: Life; readonly host: Promise<Host> } | undefined;
  #url = '';
  #stopped = false;

  constructor(
    app: BuiltApp,
    momentOf: (asked: Outgoing) => Moment | undefined,
    lives: { count: number; readonly log: string[] },
    ground: Ground,
  ) {
    super('The host', () => {
      throw new Error('It is in this process.');
    });
    this.#app = app;
    this.#momentOf = momentOf;
    this.#lives = lives;
    this.#ground = ground;
  }

  override get url(): string {
    return this.#url;
  }

  override get running(): boolean {
    return !this.#stopped;
  }

  override async start(): Promise<void> {
    this.#begin();
    await this.#now?.host;
  }

  override async stop(): Promise<void> {
    this.#stopped = true;
    await this.#now?.host;
    this.#now?.life.end();
  }

  async settle(): Promise<void> {
    this.#now?.life.settle();
    // The next one begins a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#now?.host;
  }

  #begin(): void {
    const { data, clock, env } = this.#ground;
    this.#lives.count += 1;
    // Whoever else is the app in this process has settings of his own.
    Object.assign(process.env, env);
    const life = new Life(this.#momentOf);
    const beginning = clock.busy();
    const host = startHost({
      appDir: ROOT,
      port: 0,
      dataDir: data,
      clock: clockOf(life, clock),
      load: (_directory, log) => this.#app.load(life, log),
      log: (level, source, message) => {
        if (TROUBLE.has(level)) this.#lives.log.push(`${this.#lives.count} ${source}: ${message}`);
      },
    });
    this.#now = { life, host };
    void host
      .then((running) => {
        this.#url = running.url;
        life.whenOver(() => running.abandon());
      })
      .finally(beginning);
    life.whenOver(() => {
      // Time stands still until the next one is there.
      const between = clock.busy();
      setImmediate(() => {
        if (!this.#stopped) this.#begin();
        between();
      });
    });
  }
}

const TROUBLE: ReadonlySet<Level> = new Set(['warning', 'error', 'critical']);

/** Story time as one life sees it: with it go its alarms, and the work that it had in hand. */
function clockOf(life: Life, clock: StoryClock): StoryClock {
  const held = new Set<() => void>();
  const hold = (release: () => void): (() => void) => {
    held.add(release);
    return () => {
      held.delete(release);
      release();
    };
  };
  life.whenOver(() => {
    for (const release of held) release();
    held.clear();
  });
  return {
    rate: clock.rate,
    now: () => clock.now(),
    at(due, ring) {
      if (life.over) return { cancel: () => undefined };
      const alarm = clock.at(due, () => {
        held.delete(cancel);
        if (!life.over) ring();
      });
      const cancel = (): void => alarm.cancel();
      held.add(cancel);
      return { cancel: hold(cancel) };
    },
    busy: () => (life.over ? () => undefined : hold(clock.busy())),
    close: () => undefined,
  };
}
