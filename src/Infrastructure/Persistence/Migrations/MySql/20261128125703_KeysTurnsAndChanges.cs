using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayRecharge.Infrastructure.Persistence.Migrations.MySql
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
                type: "varchar(64)",
                maxLength: 64,
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<bool>(
                name: "Nudged",
                table: "PendingChecks",
                type: "tinyint(1)",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Turn",
                table: "PendingChecks",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "Uid",
                table: "PendingChecks",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "KeyNumber",
                table: "Orders",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "RefundClaimedUntil",
                table: "Orders",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AdminChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Actor = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Address = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Action = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Subject = table.Column<string>(type: "varchar(128)", maxLength: 128, nullable: false, collation: "utf8mb4_bin"),
                    Before = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin"),
                    After = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AdminChanges", x => x.Id);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

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
