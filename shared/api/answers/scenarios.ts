// The scenarios that answers may name: those that a caller can ask for.
import { enablingDrivers } from '../../scenarios/drivers.ts';

export const SCENARIOS = enablingDrivers.map(({ name }) => name);
