import sql from 'sql-template-tag'

/** A `UserStatus`, in SQL, of the user under the alias `u`. */
export const statusOf = sql`CASE WHEN NOT u.is_active THEN 'inactive' WHEN u.password_hash IS NULL THEN 'invited' ELSE 'active' END`
