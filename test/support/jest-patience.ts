// Jest's own time-out, as long as the tests wait.
import { PATIENCE } from './play-settings.ts';

const SECONDS = 120;
if (PATIENCE !== 1) jest.setTimeout(SECONDS * PATIENCE * 1000);
