// Assembles the simulated engine for durable functions behind the `DurableEngine` interface. The
// host creates it by default.

import type { DurableEngine } from '../durable-engine.ts';
import type { DurableSettings } from '../settings.ts';
import { handleDurableRequest } from './endpoints.ts';
import { SimulatedEngine, type DurableEngineOptions } from './engine.ts';
import { Instances } from './instances.ts';

export function createSimulatedEngine(parts: DurableEngineOptions, settings: DurableSettings): DurableEngine {
  const engine = new SimulatedEngine(parts);
  const instances = new Instances(engine);
  return {
    handleClientRequest: (request, path) => handleDurableRequest(instances, settings, request, path),
    readFact: (name) => (name === 'largest' ? engine.largest.sizes : undefined),
    start() {
      engine.start();
      return Promise.resolve();
    },
    stop: () => engine.stop(),
    abandon: () => engine.abandon(),
  };
}
