using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>The portal's database in a SQLite file. Its migrations are in Data/Sqlite.</summary>
public sealed class SqlitePortalDb(DbContextOptions<SqlitePortalDb> options) : PortalDb(options);
