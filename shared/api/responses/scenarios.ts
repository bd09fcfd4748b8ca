// The scenarios that answers may name: those that a caller can ask for.
import { enablingDrivers } from '../../scenarios/drivers.ts';

export const SCENARIO_NAMES = enablingDrivers.map(({ name }) => name);
