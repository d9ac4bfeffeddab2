using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayRecharge.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "AccountTokens",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Uid = table.Column<long>(type: "INTEGER", nullable: false),
                    Hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AccountTokens", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CardRules",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    PriceFen = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits = table.Column<long>(type: "INTEGER", nullable: false),
                    TradeCredits = table.Column<long>(type: "INTEGER", nullable: false),
                    Seconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Devices = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CardRules", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LedgerEntries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Uid = table.Column<long>(type: "INTEGER", nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    Delta = table.Column<long>(type: "INTEGER", nullable: false),
                    Before = table.Column<long>(type: "INTEGER", nullable: false),
                    After = table.Column<long>(type: "INTEGER", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LedgerEntries", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Notifications",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Source = table.Column<int>(type: "INTEGER", nullable: false),
                    ContentHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Signed = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrderNumber = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    QuarantineReason = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Content = table.Column<string>(type: "TEXT", nullable: false),
                    RemoteAddress = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Notifications", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Orders",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Number = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    MerchantId = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Mode = table.Column<int>(type: "INTEGER", nullable: false),
                    Uid = table.Column<long>(type: "INTEGER", nullable: false),
                    AmountFen = table.Column<long>(type: "INTEGER", nullable: false),
                    Title = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Attach = table.Column<string>(type: "TEXT", maxLength: 127, nullable: false),
                    Channel = table.Column<int>(type: "INTEGER", nullable: false),
                    Status = table.Column<int>(type: "INTEGER", nullable: false),
                    GatewayOrderId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    TransactionId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    PaidAt = table.Column<long>(type: "INTEGER", nullable: true),
                    FulfilledAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PaidLate = table.Column<bool>(type: "INTEGER", nullable: false),
                    Attention = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Purchase_CardRuleId = table.Column<long>(type: "INTEGER", nullable: false),
                    Purchase_CreditType = table.Column<int>(type: "INTEGER", nullable: false),
                    Purchase_Credits = table.Column<long>(type: "INTEGER", nullable: false),
                    Purchase_Devices = table.Column<long>(type: "INTEGER", nullable: false),
                    Purchase_Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    Purchase_Seconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Purchase_TradeCredits = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Orders", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Settings",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Version = table.Column<long>(type: "INTEGER", nullable: false),
                    Document = table.Column<string>(type: "TEXT", nullable: false),
                    AdminKeyHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Settings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "UserAccounts",
                columns: table => new
                {
                    Uid = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    UserName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    UserNameKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    EmailKey = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    Enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    CardTimeExpiry = table.Column<long>(type: "INTEGER", nullable: false),
                    Devices = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits1 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits2 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits3 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits4 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits5 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits6 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits7 = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits8 = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UserAccounts", x => x.Uid);
                });

            migrationBuilder.CreateTable(
                name: "Kamis",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Code = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    OrderId = table.Column<long>(type: "INTEGER", nullable: false),
                    Credits = table.Column<long>(type: "INTEGER", nullable: false),
                    TradeCredits = table.Column<long>(type: "INTEGER", nullable: false),
                    Seconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Devices = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    RedeemedBy = table.Column<long>(type: "INTEGER", nullable: true),
                    RedeemedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Kamis", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Kamis_Orders_OrderId",
                        column: x => x.OrderId,
                        principalTable: "Orders",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "OrderChecks",
                columns: table => new
                {
                    OrderId = table.Column<long>(type: "INTEGER", nullable: false),
                    Count = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OrderChecks", x => x.OrderId);
                    table.ForeignKey(
                        name: "FK_OrderChecks_Orders_OrderId",
                        column: x => x.OrderId,
                        principalTable: "Orders",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "PendingChecks",
                columns: table => new
                {
                    OrderId = table.Column<long>(type: "INTEGER", nullable: false),
                    DueAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AskedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PendingChecks", x => x.OrderId);
                    table.ForeignKey(
                        name: "FK_PendingChecks_Orders_OrderId",
                        column: x => x.OrderId,
                        principalTable: "Orders",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AccountTokens_Hash",
                table: "AccountTokens",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_AccountTokens_Uid_Id",
                table: "AccountTokens",
                columns: new[] { "Uid", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Kamis_Code",
                table: "Kamis",
                column: "Code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Kamis_OrderId",
                table: "Kamis",
                column: "OrderId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_LedgerEntries_Key_Kind",
                table: "LedgerEntries",
                columns: new[] { "Key", "Kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_LedgerEntries_Uid_Kind_Id",
                table: "LedgerEntries",
                columns: new[] { "Uid", "Kind", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_ContentHash",
                table: "Notifications",
                column: "ContentHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_OrderNumber",
                table: "Notifications",
                column: "OrderNumber");

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_Signed_Id",
                table: "Notifications",
                columns: new[] { "Signed", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Orders_GatewayOrderId",
                table: "Orders",
                column: "GatewayOrderId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Orders_Number",
                table: "Orders",
                column: "Number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Orders_Uid_Status_CreatedAt_Id",
                table: "Orders",
                columns: new[] { "Uid", "Status", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_AskedAt",
                table: "PendingChecks",
                column: "AskedAt");

            migrationBuilder.CreateIndex(
                name: "IX_PendingChecks_DueAt",
                table: "PendingChecks",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_UserAccounts_EmailKey",
                table: "UserAccounts",
                column: "EmailKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_UserAccounts_UserNameKey",
                table: "UserAccounts",
                column: "UserNameKey",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AccountTokens");

            migrationBuilder.DropTable(
                name: "CardRules");

            migrationBuilder.DropTable(
                name: "Kamis");

            migrationBuilder.DropTable(
                name: "LedgerEntries");

            migrationBuilder.DropTable(
                name: "Notifications");

            migrationBuilder.DropTable(
                name: "OrderChecks");

            migrationBuilder.DropTable(
                name: "PendingChecks");

            migrationBuilder.DropTable(
                name: "Settings");

            migrationBuilder.DropTable(
                name: "UserAccounts");

            migrationBuilder.DropTable(
                name: "Orders");
        }
    }
}
