using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayRecharge.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Gateways : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Older versions, which know one gateway, write rows until they are replaced.
            migrationBuilder.AddColumn<string>(
                name: "Gateway",
                table: "PendingChecks",
                type: "TEXT",
                maxLength: 16,
                nullable: false,
                defaultValue: "payjs");

            migrationBuilder.AddColumn<string>(
                name: "Gateway",
                table: "Orders",
                type: "TEXT",
                maxLength: 16,
                nullable: false,
                defaultValue: "payjs");

            migrationBuilder.AddColumn<byte[]>(
                name: "Body",
                table: "Notifications",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ContentType",
                table: "Notifications",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Gateway",
                table: "Notifications",
                type: "TEXT",
                maxLength: 16,
                nullable: false,
                defaultValue: "payjs");

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_Gateway_AskedAt",
                table: "PendingChecks",
                columns: new[] { "Gateway", "AskedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_Gateway_DueAt",
                table: "PendingChecks",
                columns: new[] { "Gateway", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Orders_GatewayOrderId_Gateway",
                table: "Orders",
                columns: new[] { "GatewayOrderId", "Gateway" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_ContentHash_Gateway",
                table: "Notifications",
                columns: new[] { "ContentHash", "Gateway" },
                unique: true);

            // Last, so that doubles are refused at all times.
            migrationBuilder.DropIndex(
                name: "IX_PendingChecks_AskedAt",
                table: "PendingChecks");

            migrationBuilder.DropIndex(
                name: "IX_PendingChecks_DueAt",
                table: "PendingChecks");

            migrationBuilder.DropIndex(
                name: "IX_Orders_GatewayOrderId",
                table: "Orders");

            migrationBuilder.DropIndex(
                name: "IX_Notifications_ContentHash",
                table: "Notifications");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_PendingChecks_Gateway_AskedAt",
                table: "PendingChecks");

            migrationBuilder.DropIndex(
                name: "IX_PendingChecks_Gateway_DueAt",
                table: "PendingChecks");

            migrationBuilder.DropIndex(
                name: "IX_Orders_GatewayOrderId_Gateway",
                table: "Orders");

            migrationBuilder.DropIndex(
                name: "IX_Notifications_ContentHash_Gateway",
                table: "Notifications");

            migrationBuilder.DropColumn(
                name: "Gateway",
                table: "PendingChecks");

            migrationBuilder.DropColumn(
                name: "Gateway",
                table: "Orders");

            migrationBuilder.DropColumn(
                name: "Body",
                table: "Notifications");

            migrationBuilder.DropColumn(
                name: "ContentType",
                table: "Notifications");

            migrationBuilder.DropColumn(
                name: "Gateway",
                table: "Notifications");

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_AskedAt",
                table: "PendingChecks",
                column: "AskedAt");

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_DueAt",
                table: "PendingChecks",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Orders_GatewayOrderId",
                table: "Orders",
                column: "GatewayOrderId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_ContentHash",
                table: "Notifications",
                column: "ContentHash",
                unique: true);
        }
    }
}
