using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>The portal's database on PostgreSQL. Its migrations are in Data/Postgres.</summary>
public sealed class PostgresPortalDb(DbContextOptions<PostgresPortalDb> options) : PortalDb(options);
