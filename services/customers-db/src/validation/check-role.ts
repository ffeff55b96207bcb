import { Role } from '@everopen/contract/customers';
import { invalidArgument } from './invalid-argument.ts';

export function checkRole(role: Role): void {
  if (role !== Role.SELLER && role !== Role.BUYER) {
    throw invalidArgument('role', 'must be ROLE_SELLER or ROLE_BUYER');
  }
}
