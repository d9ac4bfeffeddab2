using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>Lets <c>dotnet ef</c> write migrations without a server.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteRechargeDbContext>
{
    public SqliteRechargeDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteRechargeDbContext>().UseSqlite("Data Source=none").Options);
}

/// <summary>Lets <c>dotnet ef</c> write migrations without a server.</summary>
internal sealed class MySqlDesignTimeFactory : IDesignTimeDbContextFactory<MySqlRechargeDbContext>
{
    public MySqlRechargeDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<MySqlRechargeDbContext>().UseMySql("Server=none", DependencyInjection.ServerVersion).Options);
}
