// A simulator within this process. It has Azure's servers and a host with the app. The instances of
// the app follow one another, and each continues from the stored state.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedClock } from '../../../simulator/clock/simulated-clock.ts';
import type { LocalOptions } from '../../../local/start-lifeboat.ts';
import { SimulatorHost, type Simulator } from '../../../simulator/simulator.ts';
import type { Environment } from '../../../simulator/environments/schema.ts';
import { startHost, type Host } from '../../../simulator/host/host.ts';
import type { LogLevel } from '../../../simulator/host/log.ts';
import { createAdminClient } from '../../../simulator/launch/admin-client.ts';
import { RestartableProcess } from '../../../simulator/launch/restartable-process.ts';
import { startAzureServers } from '../../../simulator/azure/start-azure-servers.ts';
import { configureProcessAsApp } from '../../support/simulated-store.ts';
import { ROOT, type AppBundle } from './app-bundle.ts';
import { AppInstance, type KillMoment, type OutgoingRequest } from './app-instance.ts';

export interface AppInstances {
  /** Ends an instance that is about to die. Afterwards one instance lives until the next kill. */
  readonly endDoomedInstance: () => Promise<void>;
  /** The number of started instances. */
  readonly count: number;
  readonly start: (options?: LocalOptions) => Promise<Simulator>;
  /** Their warnings in the log. */
  readonly log: readonly string[];
}

/**
 * Claims and leases of a dead instance end by wall time, so short values save waiting. Events go to
 * callbacks only, which carry the same content as the topic.
 */
const SHORT_TIMEOUTS = {
  LIFEBOAT_SEND_TIMEOUT_SECONDS: '0.15',
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '0.2',
  LIFEBOAT_PROOF_SECONDS: '120',
  LIFEBOAT_SERVICEBUS: '',
};

export function createAppInstances(
  app: AppBundle,
  momentOf: (outgoing: OutgoingRequest) => KillMoment | undefined,
): AppInstances {
  let host: RestartingHost | undefined;
  const instances = {
    count: 0,
    log: [] as string[],
    start,
    endDoomedInstance: async () => {
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
      environment: writeEnvironment(data, environment),
      cosmosRanges,
      containers: join(ROOT, 'infra', 'agreement.json'),
    });
    const { addresses, clock } = azureServers;
    configureProcessAsApp(addresses, data);
    const newHost = new RestartingHost(app, momentOf, instances, {
      data,
      clock,
      env: { ...env, ...SHORT_TIMEOUTS },
    });
    host = newHost;
    await newHost.start();
    return {
      ...createAdminClient(() => addresses),
      data,
      addresses,
      host: newHost,
      azureServers: new RestartableProcess('Azure in the simulator', () => {
        throw new Error('The host runs in this process.');
      }),
      async stop() {
        await newHost.stop();
        await azureServers.close();
        rmSync(data, { recursive: true, force: true });
      },
    };
  }
  return instances;
}

function writeEnvironment(data: string, environment: string | Environment): string {
  if (typeof environment === 'string') return environment;
  const file = join(data, 'environment.yaml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(environment));
  return file;
}

interface HostOptions {
  readonly data: string;
  readonly clock: SimulatedClock;
  readonly env: Readonly<Record<string, string>>;
}

/** A host that starts again as soon as it has died. */
class RestartingHost extends SimulatorHost {
  readonly #app: AppBundle;
  readonly #momentOf: (outgoing: OutgoingRequest) => KillMoment | undefined;
  readonly #lives: { count: number; readonly log: string[] };
  readonly #ground: HostOptions;
  #now: { readonly life: AppInstance; readonly host: Promise<Host> } | undefined;
  #url = '';
  #stopped = false;

  constructor(
    app: AppBundle,
    momentOf: (outgoing: OutgoingRequest) => KillMoment | undefined,
    instances: { count: number; readonly log: string[] },
    options: HostOptions,
  ) {
    super('The host', () => {
      throw new Error('The host runs in this process.');
    });
    this.#app = app;
    this.#momentOf = momentOf;
    this.#lives = instances;
    this.#ground = options;
  }

  override get url(): string {
    return this.#url;
  }

  override get isRunning(): boolean {
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
    this.#now?.life.endIfDoomed();
    // The next instance starts one turn of the event loop later.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#now?.host;
  }

  #begin(): void {
    const { data, clock, env } = this.#ground;
    this.#lives.count += 1;
    // Another instance of the app in this process has its own settings.
    Object.assign(process.env, env);
    const life = new AppInstance(this.#momentOf);
    const beginning = clock.markBusy();
    const host = startHost({
      appDir: ROOT,
      port: 0,
      dataDir: data,
      clock: instanceClock(life, clock),
      load: (_directory, log) => this.#app.load(life, log),
      log: (level, source, message) => {
        if (WARNING_LEVELS.has(level)) this.#lives.log.push(`${this.#lives.count} ${source}: ${message}`);
      },
    });
    this.#now = { life, host };
    void host
      .then((running) => {
        this.#url = running.url;
        life.onEnd(() => running.abandon());
      })
      .finally(beginning);
    life.onEnd(() => {
      // Simulated time stands still until the next instance is ready.
      const between = clock.markBusy();
      setImmediate(() => {
        if (!this.#stopped) this.#begin();
        between();
      });
    });
  }
}

const WARNING_LEVELS: ReadonlySet<LogLevel> = new Set(['warning', 'error', 'critical']);

/** Simulated time for one instance. Its timers and its running work end together with the instance. */
function instanceClock(life: AppInstance, clock: SimulatedClock): SimulatedClock {
  const releases = new Set<() => void>();
  const hold = (release: () => void): (() => void) => {
    releases.add(release);
    return () => {
      releases.delete(release);
      release();
    };
  };
  life.onEnd(() => {
    for (const release of releases) release();
    releases.clear();
  });
  return {
    rate: clock.rate,
    now: () => clock.now(),
    scheduleAt(due, ring) {
      if (life.isEnded) return { cancel: () => undefined };
      const alarm = clock.scheduleAt(due, () => {
        releases.delete(cancel);
        if (!life.isEnded) ring();
      });
      const cancel = (): void => alarm.cancel();
      releases.add(cancel);
      return { cancel: hold(cancel) };
    },
    markBusy: () => (life.isEnded ? () => undefined : hold(clock.markBusy())),
    close: () => undefined,
  };
}
