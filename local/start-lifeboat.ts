// Starts the built Lifeboat on this machine, beside the simulator. The demo, `npm start` and the
// tests use it.
import { join, resolve } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** `app` and `agreement` come from Lifeboat, unless the caller gives them. */
export type LocalOptions = Omit<SimulatorOptions, 'app' | 'agreement'> &
  Partial<Pick<SimulatorOptions, 'app' | 'agreement'>>;

/** The options of the simulator with the defaults of Lifeboat. */
export const simulatorOptionsOf = (options: LocalOptions = {}): SimulatorOptions => ({
  app: ROOT,
  agreement: join(ROOT, 'infra', 'agreement.json'),
  ...options,
});

/** Starts the simulator with Lifeboat in it. */
export const startLifeboat = (options?: LocalOptions): Promise<Simulator> =>
  startSimulator(simulatorOptionsOf(options));
