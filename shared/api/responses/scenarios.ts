// The names of the scenarios that a caller can request.
import { enablingDrivers } from '../../scenarios/drivers.ts';

export const SCENARIO_NAMES = enablingDrivers.map(({ name }) => name);
