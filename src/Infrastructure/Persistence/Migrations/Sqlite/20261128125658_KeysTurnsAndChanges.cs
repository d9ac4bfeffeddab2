using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayRecharge.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeysTurnsAndChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Caller",
                table: "PendingChecks",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Nudged",
                table: "PendingChecks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Turn",
                table: "PendingChecks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "Uid",
                table: "PendingChecks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "KeyNumber",
                table: "Orders",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "RefundClaimedUntil",
                table: "Orders",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AdminChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Actor = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Address = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Action = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Subject = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    Before = table.Column<string>(type: "TEXT", nullable: true),
                    After = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AdminChanges", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_Caller",
                table: "PendingChecks",
                column: "Caller");

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_Uid",
                table: "PendingChecks",
                column: "Uid");

            migrationBuilder.CreateIndex(
                name: "IX_Orders_TransactionId",
                table: "Orders",
                column: "TransactionId");

            migrationBuilder.CreateIndex(
                name: "IX_AdminChanges_Subject",
                table: "AdminChanges",
                column: "Subject");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AdminChanges");

            migrationBuilder.DropIndex(
                name: "IX_PendingChecks_Caller",
                table: "PendingChecks");

            migrationBuilder.DropIndex(
                name: "IX_PendingChecks_Uid",
                table: "PendingChecks");

            migrationBuilder.DropIndex(
                name: "IX_Orders_TransactionId",
                table: "Orders");

            migrationBuilder.DropColumn(
                name: "Caller",
                table: "PendingChecks");

            migrationBuilder.DropColumn(
                name: "Nudged",
                table: "PendingChecks");

            migrationBuilder.DropColumn(
                name: "Turn",
                table: "PendingChecks");

            migrationBuilder.DropColumn(
                name: "Uid",
                table: "PendingChecks");

            migrationBuilder.DropColumn(
                name: "KeyNumber",
                table: "Orders");

            migrationBuilder.DropColumn(
                name: "RefundClaimedUntil",
                table: "Orders");
        }
    }
}
