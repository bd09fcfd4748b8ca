// Starts Lifeboat on this machine, as it is built, beside the simulator.
import { join, resolve } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** `app` and `agreement` are Lifeboat's unless given. */
export type LocalOptions = Omit<SimulatorOptions, 'app' | 'agreement'> &
  Partial<Pick<SimulatorOptions, 'app' | 'agreement'>>;

export const simulatorOptionsOf = (options: LocalOptions = {}): SimulatorOptions => ({
  app: ROOT,
  agreement: join(ROOT, 'infra', 'agreement.json'),
  ...options,
});

export const startLifeboat = (options?: LocalOptions): Promise<Simulator> =>
  startSimulator(simulatorOptionsOf(options));
