using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayRecharge.Infrastructure.Persistence.Migrations.MySql
{
    /// <inheritdoc />
    public partial class RefundsAndNightlyAudits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "RefundRequestedAt",
                table: "Orders",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "RefundedAt",
                table: "Orders",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "AmountFen",
                table: "Notifications",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PaidAt",
                table: "Notifications",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "VoidedAt",
                table: "Kamis",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "NightlyAudits",
                columns: table => new
                {
                    Night = table.Column<DateOnly>(type: "date", nullable: false),
                    BeganAt = table.Column<long>(type: "bigint", nullable: false),
                    Report = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_NightlyAudits", x => x.Night);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            // What the columns say from here on, for what was paid before.
            migrationBuilder.Sql("""
                UPDATE Notifications SET
                    AmountFen = (SELECT o.AmountFen FROM Orders o WHERE o.Number = Notifications.OrderNumber),
                    PaidAt = (SELECT o.PaidAt FROM Orders o WHERE o.Number = Notifications.OrderNumber)
                WHERE Id IN (SELECT Id FROM (
                    SELECT MIN(n.Id) AS Id FROM Notifications n JOIN Orders o ON o.Number = n.OrderNumber
                    WHERE n.Signed AND n.QuarantineReason IS NULL AND o.Status IN (2, 4) GROUP BY n.OrderNumber) AS Firsts)
                """);
            migrationBuilder.Sql("""
                INSERT INTO PendingChecks (OrderId, DueAt)
                SELECT o.Id, o.CreatedAt FROM Orders o LEFT JOIN PendingChecks c ON c.OrderId = o.Id WHERE o.Status = 4 AND c.OrderId IS NULL
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "NightlyAudits");

            migrationBuilder.DropColumn(
                name: "RefundRequestedAt",
                table: "Orders");

            migrationBuilder.DropColumn(
                name: "RefundedAt",
                table: "Orders");

            migrationBuilder.DropColumn(
                name: "AmountFen",
                table: "Notifications");

            migrationBuilder.DropColumn(
                name: "PaidAt",
                table: "Notifications");

            migrationBuilder.DropColumn(
                name: "VoidedAt",
                table: "Kamis");
        }
    }
}
