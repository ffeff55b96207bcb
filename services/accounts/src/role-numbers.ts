import { Role as RoleNumber } from '@everopen/contract/customers';
import type { Role } from '@everopen/contract/rest';

export const ROLE_NUMBERS = { seller: RoleNumber.SELLER, buyer: RoleNumber.BUYER } as const satisfies Record<
  Role,
  RoleNumber
>;
