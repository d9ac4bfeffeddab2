using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Update;
using Pomelo.EntityFrameworkCore.MySql.Infrastructure.Internal;
using Pomelo.EntityFrameworkCore.MySql.Migrations;

namespace PayRecharge.Infrastructure.Persistence;

#pragma warning disable EF1001 // The base class takes its options as this interface.

/// <summary>
/// Makes each step of a migration repeatable on MariaDB, which cannot roll back a table change: a killed migration runs all its steps
/// again. Every table names its engine, row format and collation: a server's defaults may differ, and MyISAM would silently lose paid
/// credits.
/// </summary>
internal sealed partial class RepeatableSteps(MigrationsSqlGeneratorDependencies dependencies, ICommandBatchPreparer commands, IMySqlOptions options)
    : MySqlMigrationsSqlGenerator(dependencies, commands, options)
{
    public override IReadOnlyList<MigrationCommand> Generate(
        IReadOnlyList<MigrationOperation> operations, IModel? model = null, MigrationsSqlGenerationOptions options = MigrationsSqlGenerationOptions.Default) =>
        [.. base.Generate(operations, model, options).Select(command => new MigrationCommand(
            Dependencies.CommandBuilderFactory.Create().Append(Repeatable(command.CommandText)).Build(),
            Dependencies.CurrentContext.Context, Dependencies.Logger, command.TransactionSuppressed))];

    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        operation[RelationalAnnotationNames.Collation] ??= MySqlRechargeDbContext.Collation;
        base.Generate(operation, model, builder, terminate: false);
        builder.Append(" ENGINE=InnoDB ROW_FORMAT=DYNAMIC");
        if (!terminate) return;
        builder.AppendLine(Dependencies.SqlGenerationHelper.StatementTerminator);
        EndStatement(builder);
    }

    // MySQL supports few of these clauses and reads the others as comments.
    private static string Repeatable(string statement)
    {
        statement = CreateTable().Replace(statement, "$& IF NOT EXISTS");
        statement = AddColumn().Replace(statement, "$& COLUMN /*M! IF NOT EXISTS */");
        statement = CreateIndex().Replace(statement, "$& /*M! IF NOT EXISTS */");
        statement = DropTable().Replace(statement, "$& IF EXISTS");
        return DropPart().Replace(statement, "$& /*M! IF EXISTS */");
    }

    // EF itself adds the clause for its own table.
    [GeneratedRegex(@"^CREATE TABLE(?= `(?!__EFMigrationsHistory`))")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"^ALTER TABLE `[^`]+` ADD(?= `)")]
    private static partial Regex AddColumn();

    [GeneratedRegex(@"^CREATE (UNIQUE )?INDEX(?= `)")]
    private static partial Regex CreateIndex();

    [GeneratedRegex(@"^DROP TABLE(?= `)")]
    private static partial Regex DropTable();

    [GeneratedRegex(@"^ALTER TABLE `[^`]+` DROP (COLUMN|INDEX|FOREIGN KEY)(?= `)")]
    private static partial Regex DropPart();
}
