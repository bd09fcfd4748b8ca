import { ACCEPT, BEGIN } from './boundaries.ts';
import { dieAt } from './die-at.ts';

dieAt([...ACCEPT, ...BEGIN]);
