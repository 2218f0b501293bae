using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Chooses the database by one setting, and brings it up to date at the start.</summary>
internal static class PortalStorage
{
    public static void AddPortalDb(this IServiceCollection services, PortalOptions options)
    {
        if (options.Database == "postgres")
        {
            string connection = options.Connection ?? throw new InvalidOperationException("Portal:Connection is missing: how PostgreSQL is reached.");
            services.AddDbContext<PostgresPortalDb>(db => db.UseNpgsql(connection));
            services.AddScoped<PortalDb>(provider => provider.GetRequiredService<PostgresPortalDb>());
        }
        else
        {
            Directory.CreateDirectory(options.PathOf());
            string connection = options.Connection ?? $"Data Source={options.PathOf("portal.db")};Default Timeout=10";
            services.AddDbContext<SqlitePortalDb>(db => db.UseSqlite(connection));
            services.AddScoped<PortalDb>(provider => provider.GetRequiredService<SqlitePortalDb>());
        }
    }

    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        await db.Database.MigrateAsync(cancellationToken);
        if (db.Database.IsSqlite())
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        }

        RoleManager<IdentityRole<int>> roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole<int>>>();
        foreach (string role in Enum.GetNames<PortalRole>())
        {
            if (!await roles.RoleExistsAsync(role))
            {
                await roles.CreateAsync(new IdentityRole<int>(role));
            }
        }
    }
}
